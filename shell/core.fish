# core.fish: what the prompt and a switch share in fish 3.6 and later. scripts.py puts the constants before this file,
# and removes the comments. It writes a variable's name for `__dctx_n_…`; the words of a list for `$__dctx_l_…`, the
# values of its variables for `$__dctx_v_…`, and what `set -q` counts them by for `$__dctx_k_…`.
#
# The hook compares, copies and asks; which profile is active and what is said about it, the core decides. A user may
# define functions named like most built-ins, so `builtin` stands before these (set, read, string, test and eval cannot
# be replaced). fish counts the lines before a function at each call: what runs often stands first.
#
# Variables of the hook, all global and none exported:
#   __dctx_look    the fingerprint of this moment: all variables that decide which profile is active
#   __dctx_seen    the fingerprint that the prompt's text belongs to; '' = look anew
#   __dctx_bond    the function that tells by the files whether the text is still right
#   __dctx_until   seconds since 1970 up to which it is, '' = for ever
#   __dctx_ps1     the prompt's text, coloured
#   __dctx_kept    the last eight answers of the core, each as its fingerprint and what __dctx_settle is told
#   __dctx_loud    1: a `.env` that names DOKPLOY_ counts here
#   __dctx_dir     the config folder, '' = only the core can tell; __dctx_known the DOKPLOY_CONFIG_DIR that it allowed
#   __dctx_stamp   the file that holds the index's time; each new index has another one
#   __dctx_ours    the profile of this terminal's session, '' = none, while a command runs; __dctx_prev the one before
#   __dctx_gone    1: the shim is not there any more
#   __dctx_said    what a prompt printed last
#   __dctx_a_…     the answer of the core while it is applied, __dctx_r_… (local) a record's fields

# Take the fingerprint of this moment, __dctx_look: all that decides what the next `dokploy` uses.
function __dctx_fingerprint
    # `set -q` counts what is missing: a name once, the next twice, then four and eight times, so the sum tells which.
    set -qx $__dctx_k_watched_first
    set -l hidden $status
    set -qx $__dctx_k_watched_last
    set -l hidden $hidden,$status
    test -x $__dctx_bin
    set -l us $__dctx_us
    set -g __dctx_look "$hidden,$status$__dctx_gone$us$__dctx_v_compared$us$__dctx_v_too$us$__dctx_v_last"
    set -g __dctx_loud ''
    test -f .env; or return 0
    # Where a profile is named, a `.env` decides nothing.
    set -qx __dctx_n_profile; and test -n "$__dctx_n_profile"; or __dctx_dotenv
end

# Status 0: the stamp that is known is of this config.json. `-nt` is true where the stamp is missing. `-ef` notices a
# file that came back with its old time.
function __dctx_same
    test ! -e $__dctx_dir/config.json -o $__dctx_dir/config.json -nt "$__dctx_stamp" \
        -o $__dctx_dir/config.json -ot "$__dctx_stamp"; and return 1
    test $__dctx_dir/config.json -ef $__dctx_dir/index/.config -o ! -e $__dctx_dir/index/.config
end

# Find the config folder. Status 0: its index can be read as it is.
function __dctx_fresh
    set -l dir $HOME/.dokploy
    if set -qx DOKPLOY_CONFIG_DIR; and test -n "$DOKPLOY_CONFIG_DIR"
        set dir $DOKPLOY_CONFIG_DIR
        test "$dir" = "$__dctx_known"; or set dir ''
    else
        string match -q '/*' -- "$HOME"; and test -O $dir -a -d $dir -a -x $dir -o ! -e $dir -a ! -f $HOME
        or set dir ''
    end
    if test "$dir" != "$__dctx_dir"
        set -g __dctx_dir $dir
        set -g __dctx_stamp ''
    end
    test -n "$dir"; or return
    __dctx_same; and return
    set -l file $dir/index/.gen
    test -f $file -a -r $file; and read -l gen <$file; and string match -qr '^[0-9]+\z' -- "$gen"; or return
    set -g __dctx_stamp $dir/index/.stamp.$gen
    set -g __dctx_seen '' # the prompt's text is of another index, even where Tab or a switch notices it first
    __dctx_same
end

# Show what the record of the profile $argv[1] says, or ('') that of the default. Before that $argv[2] is run, which
# sees the fields. Status 1: the core has to be asked, or $argv[2] says no; nothing was shown.
function __dctx_record
    set -l level 2
    set -l file $__dctx_dir/index/$argv[1]
    if test -z "$argv[1]"
        set level 4
        set file $__dctx_dir/index/.current
    end
    test -f $file -a -r $file; and read -l -d $__dctx_us $__dctx_l_current <$file
    and test "$__dctx_r_format" = $__dctx_format; or return
    switch $level:"$__dctx_r_current_state"
        case 2:
            test "$__dctx_r_name" = "$argv[1]"; or return
        case 4:none 4:unset
            not set -q argv[2]; and __dctx_settle __dctx_same '' 5 '' '' '' ''
            return
        case 4:ok
        case '*'
            return 1
    end
    # From `due` on the core would write a mark into the record.
    test -z "$__dctx_r_due"; or __dctx_due $__dctx_r_due; or return
    not set -q argv[2]; or $argv[2]; or return
    __dctx_settle __dctx_same "$__dctx_r_due" $level "$__dctx_r_name" "$__dctx_r_segment" "$__dctx_r_state" \
        "$__dctx_r_shown"
end

# Show for this moment's fingerprint what is right while the function $argv[1] says so and up to the time $argv[2]: a
# level's profile, segment, state and finished text; by NO_COLOR or on a terminal without escapes plain.
function __dctx_settle
    set -g __dctx_bond $argv[1]
    set -g __dctx_until $argv[2]
    set -g __dctx_seen $__dctx_look
    test "$argv[3]" -ge 4; and set -gx __dctx_n_shown "$fish_pid:$argv[4]"; or set -eg __dctx_n_shown
    test -n "$argv[5]"; and set -gx __dctx_n_segment $argv[5]; or set -eg __dctx_n_segment
    test -n "$argv[5]"; and set -gx __dctx_n_state $argv[6]; or set -eg __dctx_n_state
    set -g __dctx_ps1 $argv[7]
    test -n "$NO_COLOR" -o -z "$TERM" -o "$TERM" = dumb -o -z "$argv[7]"; and return
    set -l colour __dctx_colour_$argv[6]
    set -g __dctx_ps1 \e"[$$colour"m"$argv[7]"\e"[m"
    return 0
end

# Status 0: the time $argv[1] (seconds since 1970) is still to come.
function __dctx_due
    string match -qr '^[0-9]{1,18}\z' -- $argv[1]; and test (__dctx_now) -lt $argv[1]
end

# Print the time. No built-in tells it, but two tell when a file was changed, and how long ago that was.
function __dctx_now
    builtin math (builtin path mtime -- /) + (builtin path mtime -R -- /)
end

# Add a `.env` that names DOKPLOY_ to the fingerprint.
function __dctx_dotenv
    test -r .env; or return
    set -l fish_read_limit $__dctx_dotenv_max
    set -l failed
    set -l text
    begin
        while not set -q text[50]
            read -l -z part # up to a NUL
            set failed $status
            test $failed = 0; or break
            set -a text $part
        end
    end <.env
    # Status 1: that is the whole text. For one that is too long, or has many NULs, the file's time stands, in seconds.
    test $failed = 1; or set text DOKPLOY_ (builtin path mtime -- .env)
    string match -q '*DOKPLOY_*' -- "$text"; or return
    set -g __dctx_loud 1
    set -g __dctx_look "$__dctx_look$__dctx_us$text"
end

# Keep the shim first on PATH, whoever put another folder there since; and off it where it is gone. Status 1: dctx was
# uninstalled, and nothing of it is left in this terminal.
function __dctx_path
    test "$PATH[1]" = $__dctx_shims -a -x $__dctx_shims/dokploy; and return
    set -l --path folders
    for folder in $PATH
        test $folder = $__dctx_shims; or set -a folders $folder
    end
    set -g __dctx_gone 1
    if test -x $__dctx_shims/dokploy
        set -g __dctx_gone ''
        set -p folders $__dctx_shims
    end
    test "$folders" = "$PATH"; or set -gx PATH $folders
    test -n "$__dctx_gone" -a ! -e $__dctx_files/core.fish; or return 0
    eval $__dctx_leaving
    __dctx_leave
    return 1
end

# Run the core with these words.
function __dctx_core
    if not test -x $__dctx_bin
        builtin printf "$__dctx_m_no_core\n" $__dctx_bin >&2
    else if test -z "$__dctx_python"
        command $__dctx_bin $argv
        return
    else if test -x $__dctx_python
        command $__dctx_python -ESc $__dctx_begin $__dctx_bin $argv
        return
    else
        builtin printf "$__dctx_m_no_python\n" $__dctx_python >&2
    end
    return 1
end

# Unless the function $argv[1] is there, load the file $argv[2] that brings it; after an upgrade under this terminal the
# whole new hook before it.
function __dctx_need
    builtin functions -q $argv[1]; and return
    set -l file $__dctx_files/$argv[2].fish
    if test -r $file; and read -l build <$file
        test "$build" = "# $__dctx_build" -o ! -r $__dctx_files/core.fish; or builtin source $__dctx_files/core.fish
        builtin source $file
    else
        builtin printf "$__dctx_m_no_file\n" $file >&2
        return 1
    end
end

# The command, until session.fish brings the one that takes its place.
function dctx --description $__dctx_m_about
    set -l fish_trace
    test -x $__dctx_shims/dokploy; or __dctx_path; or return 0
    __dctx_need __dctx_switch session; and dctx $argv
end

# The hook may be loaded again, after an upgrade. Without -u what was inherited would stay exported.
builtin functions -e __dctx_switch __dctx_tab
set -qg __dctx_prev; or set -g __dctx_prev ''
set -qg __dctx_lead; or set -g __dctx_lead unknown
set -gu __dctx_prev $__dctx_prev
begin
    set -l part # a global of this name is the user's
    for part in look seen bond until ps1 kept loud dir known stamp ours gone said
        set -gu __dctx_$part ''
    end
end
set -g __dctx_owned_count (builtin count $__dctx_l_owned)
set -g __dctx_name_rule "^(?=.{1,$__dctx_name_max}\z)[$__dctx_letters][$__dctx_letters$__dctx_name_more]*\z"
set -g __dctx_host_rule "^https?://([$__dctx_letters.:-]+)(?:/[^@]*)?\z"

__dctx_path
builtin true # `source` reports the last status
