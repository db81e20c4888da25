# core.fish: what prompt and switch of the fish hook (3.6 on) share. scripts.py puts the constants before it, writes
# the words of a list for `$__dctx_l_…` and a variable's real name for `__dctx_n_…`, and cuts off the comments.
#
# The hook compares, copies and asks; which profile counts and what is said about it, the core decides. What fish
# lets nobody override (set, read, string, test, eval) stands bare, `builtin` before the rest.
#
# Variables of the hook, all global and none exported:
#   __dctx_look     the fingerprint of this moment: all that decides which profile is active
#   __dctx_seen     the fingerprint that the prompt's text belongs to; '' = look anew
#   __dctx_hidden   which of the deciding variables no child sees
#   __dctx_loud     1: a `.env` that names DOKPLOY_ counts here
#   __dctx_ps1      the prompt's text, coloured
#   __dctx_below    1: the segment stands in fish_prompt, behind an empty line or a frame
#   __dctx_framed   whether that was looked at
#   __dctx_dir      the config folder, where it may be used; __dctx_idx its index, __dctx_cfg its config.json
#   __dctx_known    the value of DOKPLOY_CONFIG_DIR that the core has allowed
#   __dctx_gen      the generation of the index, as in .gen; __dctx_stamp the file that holds its time
#   __dctx_bond     what the prompt's text hangs on besides the fingerprint: index, absence (of config.json),
#                   nothing, or a time
#   __dctx_until    seconds since 1970 up to which it is good, '' = for ever
#   __dctx_ours     the profile of this terminal's session, '' = none, while a command runs
#   __dctx_prev     the previous profile of this terminal
#   __dctx_gone     1: the shim is not there any more
#   __dctx_said     what a prompt printed last
#   __dctx_k_…      remembered answers of the core, one list for each part, the newest last
#   __dctx_a_…      the answer of the core while it is applied, __dctx_r_… (local) a record's fields

set -qg __dctx_prev; or set -g __dctx_prev '' # the hook may be loaded again
begin
    set -l part # a global of this name is the user's
    for part in look seen hidden loud ps1 dir idx cfg known gen stamp bond until gone said ours below
        set -g __dctx_$part ''
    end
    for part in __dctx_k_{look,dir,gen,bond,until,level,name,segment,state,shown}
        set -g $part
    end
end
set -g __dctx_owned_count (builtin count $__dctx_l_owned)
set -g __dctx_name_rule "^(?=.{1,$__dctx_name_max}\z)[$__dctx_letters][$__dctx_letters$__dctx_name_more]*\z"
set -g __dctx_host_rule "^https?://([$__dctx_letters.:-]+)(?:/[^@]*)?\z"

# Find the config folder: __dctx_dir, _idx, _cfg. Status 1: only the core can tell whether it may be used.
function __dctx_where
    set -l dir $HOME/.dokploy
    if test -n "$DOKPLOY_CONFIG_DIR"
        test "$DOKPLOY_CONFIG_DIR" = "$__dctx_known"; and set -qx DOKPLOY_CONFIG_DIR; or return 1
        set dir $DOKPLOY_CONFIG_DIR
    else
        string match -q '/*' -- "$HOME"; or return 1
        test -O $dir -a -d $dir -a -x $dir -o ! -e $dir -a ! -f $HOME; or return 1
    end
    test "$dir" = "$__dctx_dir"; and return 0
    set -g __dctx_dir $dir
    set -g __dctx_idx $dir/index
    set -g __dctx_cfg $dir/config.json
    set -g __dctx_gen ''
    set -g __dctx_stamp ''
    return 0
end

# Status 0: the generation that is known is of this config.json. `-e` first: of a file that is missing every shell
# says something else. `-ef` notices a file that came back with its old time.
function __dctx_same
    test -e "$__dctx_stamp" -a -e $__dctx_cfg
    and not test $__dctx_cfg -nt $__dctx_stamp -o $__dctx_cfg -ot $__dctx_stamp
    and test ! -e $__dctx_idx/.config -o $__dctx_cfg -ef $__dctx_idx/.config
end

# Status 0: the index can be read as it is.
function __dctx_fresh
    __dctx_same; and return 0
    test -f $__dctx_idx/.gen -a -r $__dctx_idx/.gen; and read -l gen <$__dctx_idx/.gen; or return 1
    string match -qr '^[0-9]+\z' -- "$gen"; or return 1
    set -g __dctx_gen $gen
    set -g __dctx_stamp $__dctx_idx/.stamp.$gen
    set -g __dctx_seen '' # what the prompt shows is of another generation, whoever looked first
    __dctx_same
end

# Status 0: the time (seconds since 1970) has come, or is none. No built-in tells the time, but one tells how long
# ago a file was changed, to the second.
function __dctx_past
    string match -qr '^[0-9]{1,18}\z' -- "$argv[1]"; or return 0
    set -l file $__dctx_stamp
    test -e "$file"; or set file /
    set -l age (builtin path mtime -R -- $file)
    set -l then (builtin path mtime -- $file)
    test (builtin math "$then + $age") -ge $argv[1]
end

# Run the core with these words.
function __dctx_core
    if not test -x $__dctx_bin
        builtin printf "$__dctx_m_no_core\n" $__dctx_bin >&2
        return 1
    else if test -z "$__dctx_python"
        command $__dctx_bin $argv
    else if test -x $__dctx_python
        command $__dctx_python -ESc $__dctx_begin $__dctx_bin $argv
    else
        builtin printf "$__dctx_m_no_python\n" $__dctx_python >&2
        return 1
    end
end

# Ask the core what to do (prompt, switch NAME, off, back): one process, which sees what every child of this shell
# sees. The answer stands in __dctx_a_*. Status 1: there is none. An answer counts only if it is whole.
function __dctx_ask
    set -eg $__dctx_l_answer
    set -l words --shell fish --prev=$__dctx_prev
    test -z "$__dctx_gone"; or set -a words --gone
    set -l text
    if test $argv[1] = prompt
        set text (__dctx_core _hook $words prompt 2>/dev/null | string collect)
    else
        set text (__dctx_core _hook $words $argv | string collect)
    end
    string match -q '*__dctx_a_done*' -- $text; or return 1
    eval $text
    test "$__dctx_a_done" = 1; or return 1
    set -g __dctx_prev $__dctx_a_prev
    if test -n "$__dctx_a_dir"
        set -g __dctx_known "$DOKPLOY_CONFIG_DIR"
    else
        set -g __dctx_known ''
    end
    return 0
end

# Make the global variable $argv[2] what $argv[1] is: unset; or of its value, and exported if and only if that is.
# A universal one is only covered, and comes back by itself: it may have changed meanwhile.
function __dctx_copy
    set -eg $argv[2]
    set -q $argv[1]; and not set -qU $argv[2]; or return 0
    set -l how -g
    set -qx $argv[1]; and set how -gx
    set $how $argv[2] $$argv[1]
end

# Keep a copy of each variable that a first switch replaces; by presence, so that empty and unset both return.
function __dctx_save
    set -q $__dctx_l_owned
    test $status = $__dctx_owned_count; and return 0
    for name in $__dctx_l_owned
        __dctx_copy $name $__dctx_saved$name
    end
end

# Put back the variables of these names.
function __dctx_restore
    for name in $argv
        builtin contains -- $name $__dctx_l_owned; and __dctx_copy $__dctx_saved$name $name
    end
end

# Export a session: name, url, key, organization, its id, and what we remember of it.
function __dctx_export
    set -gx __dctx_n_profile $argv[1]
    set -gx __dctx_n_url $argv[2]
    set -gx __dctx_n_key $argv[3]
    set -gx __dctx_n_session $argv[6]
    set -eg __dctx_n_token
    test -n "$argv[4]"; and set -gx __dctx_n_org $argv[4]; or set -eg __dctx_n_org
    test -n "$argv[5]"; and set -gx __dctx_n_org_id $argv[5]; or set -eg __dctx_n_org_id
    return 0
end

# Do what the answer says: to the session, and to what is shown. (fish has no readonly variables.)
function __dctx_take
    switch "$__dctx_a_session"
        case set
            if test -n "$__dctx_a_save"
                __dctx_restore (string split -n ' ' -- $__dctx_a_restore)
                set -eg $__dctx_l_saved
                __dctx_save
            end
            __dctx_export $__dctx_a_profile $__dctx_a_url "$__dctx_a_key" "$__dctx_a_org" "$__dctx_a_org_id" \
                $__dctx_a_memory
        case end
            __dctx_restore (string split -n ' ' -- $__dctx_a_restore)
            set -eg $__dctx_l_saved __dctx_n_session
        case rest
            __dctx_restore (string split -n ' ' -- $__dctx_a_restore)
            set -gx __dctx_n_session $__dctx_a_memory
    end
    set -l shown $__dctx_a_level "$__dctx_a_name" "$__dctx_a_segment" "$__dctx_a_state" "$__dctx_a_shown"
    __dctx_show $shown
    set -g __dctx_until $__dctx_a_until
    __dctx_where; and __dctx_fresh
    set -g __dctx_bond index
    if test -z "$__dctx_a_gen" -o "$__dctx_a_gen" != "$__dctx_gen"
        if test "$__dctx_a_dir" = "$__dctx_dir" -a -n "$__dctx_dir" -a ! -e "$__dctx_cfg" -a ! -L "$__dctx_cfg"
            set -g __dctx_bond absence
        else
            __dctx_expire
        end
    end
    set -l changed $__dctx_a_session
    set -eg $__dctx_l_answer
    # The key that was just exported is part of the fingerprint.
    __dctx_fingerprint
    # A universal variable that has come back the core did not see: the next prompt looks anew.
    set -qU $__dctx_l_owned
    test $status = $__dctx_owned_count -o -z "$changed"; or return 0
    set -g __dctx_seen $__dctx_look
    __dctx_remember $shown
end

# What is shown is good for a while: it could not be settled.
function __dctx_expire
    set -g __dctx_bond time
    set -g __dctx_until (builtin math (builtin path mtime -- /) + (builtin path mtime -R -- /) + $__dctx_retry)
end

# Show a level's profile, segment, state and finished text; by NO_COLOR or on a terminal without escapes plain.
function __dctx_show
    if test "$argv[1]" -ge 4
        set -gx __dctx_n_shown "$fish_pid:$argv[2]"
    else
        set -eg __dctx_n_shown
    end
    if test -n "$argv[3]"
        set -gx __dctx_n_segment $argv[3]
        set -gx __dctx_n_state $argv[4]
    else
        set -eg __dctx_n_segment __dctx_n_state
    end
    set -g __dctx_ps1 $argv[5]
    test -n "$NO_COLOR" -o -z "$TERM" -o "$TERM" = dumb -o -z "$argv[5]"; and return 0
    set -l colour __dctx_colour_$argv[4]
    set -g __dctx_ps1 \e"[$$colour"m"$argv[5]"\e"[m"
end

# Keep the shim first on PATH, whoever put another folder there since; and off it where it is gone.
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
end

# Load the file that a command (session) or Tab (tab) needs first. After an upgrade under this terminal: the whole
# new hook before it.
function __dctx_more
    set -l fish_trace
    set -l folder (string replace -r '/[^/]*\z' '' -- $__dctx_shims)
    set -l build
    if test -r $folder/$argv[1].fish; and read build <$folder/$argv[1].fish
        test "$build" = "# $__dctx_build" -o ! -r $folder/core.fish; or source $folder/core.fish
        source $folder/$argv[1].fish
    else
        builtin printf "$__dctx_m_no_file\n" $folder/$argv[1].fish >&2
        return 1
    end
end

# Until session.fish takes its place.
function dctx --description $__dctx_m_about
    __dctx_more session; and dctx $argv
end

# Tab: what tab.fish brings.
function __dctx_offer
    builtin functions -q __dctx_tab; or __dctx_more tab; and $argv
end

builtin complete -c dctx -e
builtin complete -c dctx -f -k -a '(__dctx_offer __dctx_tab)'
builtin complete -c dctx -n 'set -l words (builtin commandline -opc | string split \n); test "$words[2]" = import' -F
builtin complete -c dokploy -k -a '(__dctx_offer __dctx_tab_cli)'
builtin complete -c dokploy -l profile -x -a '(__dctx_offer __dctx_values)' -d $__dctx_m_tab_profile
