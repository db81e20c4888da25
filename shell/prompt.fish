# prompt.fish: what the prompt shows, and where. The quick road comes first: where nothing has changed nothing is
# read; in the ordinary states one record is read; in all others the core is asked, once for each change.

# Take the fingerprint of this moment, __dctx_look: all that decides what the next `dokploy` uses.
function __dctx_fingerprint
    # `set -q` counts what is missing: a name once, the next twice, then four and eight times, so the sum tells which.
    set -qx __dctx_n_profile __dctx_n_url __dctx_n_url \
        __dctx_n_key __dctx_n_key __dctx_n_key __dctx_n_key \
        __dctx_n_token __dctx_n_token __dctx_n_token __dctx_n_token \
        __dctx_n_token __dctx_n_token __dctx_n_token __dctx_n_token
    set -g __dctx_hidden $status
    set -qx __dctx_n_session __dctx_n_broker __dctx_n_broker \
        DOKPLOY_CONFIG_DIR DOKPLOY_CONFIG_DIR DOKPLOY_CONFIG_DIR DOKPLOY_CONFIG_DIR \
        DCTX_EXPORT_KEY DCTX_EXPORT_KEY DCTX_EXPORT_KEY DCTX_EXPORT_KEY \
        DCTX_EXPORT_KEY DCTX_EXPORT_KEY DCTX_EXPORT_KEY DCTX_EXPORT_KEY
    set -g __dctx_hidden $__dctx_hidden,$status
    test -x $__dctx_bin
    set -l us $__dctx_us
    set -g __dctx_look "$__dctx_hidden$status$__dctx_gone$us$__dctx_n_profile$us$__dctx_n_url$us$__dctx_n_key$us\
$__dctx_n_token$us$__dctx_n_session$us$__dctx_n_org$us$__dctx_n_org_id$us$__dctx_n_broker$us\
$DOKPLOY_CONFIG_DIR$us$DCTX_EXPORT_KEY$us$HOME$us$NO_COLOR$us$TERM"
    set -g __dctx_loud ''
    if test -f .env
        # Where a profile is named, a `.env` decides nothing.
        set -qx __dctx_n_profile; and test -n "$__dctx_n_profile"; or __dctx_dotenv
    end
    return 0
end

# Add a `.env` that names DOKPLOY_ to the fingerprint: its text, or, where that is long or full of NULs, its time.
function __dctx_dotenv
    test -r .env; or return
    set -l fish_read_limit $__dctx_dotenv_max # what is longer cannot be read, status 122
    set -l failed
    set -l text
    begin
        while true
            read -l -z part # up to a NUL
            set failed $status
            test $failed = 0; or break
            set -a text $part
            set -q text[50]; and break
        end
    end <.env
    if test $failed = 122; or set -q text[50]
        set text DOKPLOY_ (builtin path mtime -- .env)
    end
    string match -q '*DOKPLOY_*' -- "$text"; or return
    set -g __dctx_loud 1
    set -g __dctx_look "$__dctx_look$__dctx_us$text"
end

# Status 0: what is shown is still so, as far as the fingerprint cannot tell.
function __dctx_still
    switch "$__dctx_bond"
        case index
            __dctx_same; or return
        case absence
            test ! -e $__dctx_cfg -a ! -L $__dctx_cfg; or return
        case nothing
            return 0
    end
    test -z "$__dctx_until"; or not __dctx_past $__dctx_until
end

# Before each prompt.
function __dctx_prompt
    set -l fish_trace # a key must not show in a trace
    test "$PATH[1]" = $__dctx_shims -a -x $__dctx_shims/dokploy; or __dctx_path
    __dctx_fingerprint
    test "$__dctx_look" = "$__dctx_seen"; and __dctx_still; and return
    __dctx_quick; or __dctx_recall; or __dctx_learn
    return 0
end

# Show an ordinary state: a session of ours that nobody touched, DOKPLOY_PROFILE alone, URL and key alone, the
# default, no config.json at all. Status 1: this is none, or its record does not say all; nothing was shown.
function __dctx_quick
    test -z "$__dctx_loud$__dctx_gone"; or return
    set -l kind
    # Which of the variables are hidden from children; what is set and yet hidden makes no ordinary state.
    switch $__dctx_hidden
        case 8,14 8,10 # profile, url, key and the memory of a session
            set -l ours "$__dctx_n_profile$__dctx_us$__dctx_n_url$__dctx_us$__dctx_n_key"
            test "$__dctx_n_session" = "$ours" -a -n "$__dctx_n_profile"; or return
            set -q __dctx_n_token; and return 1
            set kind session
        case 14,15 14,11
            set -q __dctx_n_url __dctx_n_key __dctx_n_token __dctx_n_session
            test $status = 4 -a -n "$__dctx_n_profile"; or return
            set kind profile
        case 9,15 9,11
            set -q __dctx_n_profile __dctx_n_token __dctx_n_session
            test $status = 3 -a -n "$__dctx_n_key"; or return
            set kind pair
        case 15,15 15,11
            set -q __dctx_n_profile __dctx_n_url __dctx_n_key __dctx_n_token __dctx_n_session
            test $status = 5; or return
            set kind default
        case '*'
            return 1
    end
    set -q DCTX_EXPORT_KEY __dctx_n_broker
    test $status = 2; or return
    if test $kind = pair
        set -l host (string match -r -g -- $__dctx_host_rule $__dctx_n_url); or return
        string match -qr -- "^.{1,$__dctx_shown_max}\z" "env:$host"; or return
        __dctx_settle nothing '' 3 '' "env:$host" env "(env:$host) "
        return
    end
    __dctx_where; or return
    if not __dctx_fresh
        test $kind = default -a ! -e $__dctx_cfg -a ! -L $__dctx_cfg; or return
        __dctx_settle absence '' 5 '' '' '' ''
        return
    end
    if test $kind = default
        test -f $__dctx_idx/.current -a -r $__dctx_idx/.current
        and read -l -d $__dctx_us $__dctx_l_current <$__dctx_idx/.current
        and test "$__dctx_r_format" = $__dctx_format; or return
        switch "$__dctx_r_current_state"
            case ok
                __dctx_due $__dctx_r_due; or return
                __dctx_settle index "$__dctx_r_due" 4 "$__dctx_r_name" "$__dctx_r_segment" "$__dctx_r_state" \
                    "$__dctx_r_shown"
            case none unset
                __dctx_settle index '' 5 '' '' '' ''
            case '*'
                return 1
        end
        return
    end
    set -l name $__dctx_n_profile
    string match -qr -- $__dctx_name_rule $name; and test -f $__dctx_idx/$name -a -r $__dctx_idx/$name
    and read -l -d $__dctx_us $__dctx_l_fields <$__dctx_idx/$name
    and test "$__dctx_r_format$__dctx_us$__dctx_r_name" = "$__dctx_format$__dctx_us$name"; or return
    if test $kind = session
        test "$__dctx_n_url" = "$__dctx_r_url" -a "$__dctx_n_key" = "$__dctx_r_session_key"
        and test "$__dctx_n_org" = "$__dctx_r_org" -a "$__dctx_n_org_id" = "$__dctx_r_org_id"; or return
    end
    __dctx_due $__dctx_r_due; or return
    __dctx_settle index "$__dctx_r_due" 2 $name "$__dctx_r_segment" "$__dctx_r_state" "$__dctx_r_shown"
end

# Status 0: the time from which the core would write a mark into the record is none, or not yet come.
function __dctx_due
    test -z "$argv[1]"; or not __dctx_past $argv[1]
end

# Show what argv[3..] says for this moment's fingerprint, good for argv[1] and up to argv[2].
function __dctx_settle
    set -g __dctx_bond $argv[1]
    set -g __dctx_until $argv[2]
    set -g __dctx_seen $__dctx_look
    __dctx_show $argv[3..]
    return 0
end

# Show what the core answered to this fingerprint before. Status 1: it did not, or that may be different now.
function __dctx_recall
    set -l at (builtin contains -i -- $__dctx_look $__dctx_k_look); or return
    __dctx_where; and __dctx_fresh
    test "$__dctx_k_dir[$at]" = "$__dctx_dir"; or return
    test $__dctx_k_bond[$at] != index -o "$__dctx_k_gen[$at]" = "$__dctx_gen"; or return
    set -g __dctx_bond $__dctx_k_bond[$at]
    set -g __dctx_until $__dctx_k_until[$at]
    __dctx_still; or return
    __dctx_settle $__dctx_bond "$__dctx_until" $__dctx_k_level[$at] "$__dctx_k_name[$at]" "$__dctx_k_segment[$at]" \
        "$__dctx_k_state[$at]" "$__dctx_k_shown[$at]"
end

# Keep what is shown as the answer to this fingerprint; of eight the oldest goes.
function __dctx_remember
    if set -q __dctx_k_look[8]
        for part in __dctx_k_{look,dir,gen,bond,until,level,name,segment,state,shown}
            set -e $part"[1]"
        end
    end
    set -a __dctx_k_look $__dctx_look
    set -a __dctx_k_dir "$__dctx_dir"
    set -a __dctx_k_gen "$__dctx_gen"
    set -a __dctx_k_bond $__dctx_bond
    set -a __dctx_k_until "$__dctx_until"
    set -a __dctx_k_level $argv[1]
    set -a __dctx_k_name "$argv[2]"
    set -a __dctx_k_segment "$argv[3]"
    set -a __dctx_k_state "$argv[4]"
    set -a __dctx_k_shown "$argv[5]"
end

# Ask the core, show its answer and remember it. A question that fails is asked again when something changes, after
# a while, and after the next command of ours.
function __dctx_learn
    set -l say ''
    set -l known
    if not test -x $__dctx_bin
        # What is left after an uninstall says nothing.
        test -n "$__dctx_gone"; or set say (builtin printf "$__dctx_m_no_core" $__dctx_bin)
    else if __dctx_ask prompt
        set say $__dctx_a_say
        set known 1
        __dctx_take
    else
        set say (builtin printf "$__dctx_m_no_answer" $__dctx_bin)
    end
    test "$say" = "$__dctx_said" -o -z "$say"; or builtin printf '%s\n' $say >&2
    set -g __dctx_said $say
    test -n "$known"; and return
    __dctx_settle time '' 4 '' '?' unknown '(?) '
    __dctx_expire
end

# Hang the segment into fish_mode_prompt, before what is there. fish draws it left of the prompt in every key mode,
# with the last command's own status for each of its prompt functions; a later fish_prompt does it no harm. Not by
# the event fish_prompt: direnv's handler may come after ours.
function __dctx_hang
    if builtin functions -q __dctx_mode_prompt
        builtin functions -e __dctx_mode_prompt
    end
    if builtin functions -q fish_mode_prompt
        builtin functions -c fish_mode_prompt __dctx_mode_prompt
    else
        function __dctx_mode_prompt
        end
    end
    function fish_mode_prompt --description $__dctx_m_about
        __dctx_prompt
        # Somebody defined another fish_prompt: the segment is drawn here again.
        if test -n "$__dctx_below"
            set -l IFS \n
            set -l details (builtin functions -Dv fish_prompt)
            test "$details[5]" = $__dctx_m_about; or set -g __dctx_below ''
        end
        test "$DCTX_PROMPT" = 0 -o -n "$__dctx_below"; or builtin printf %s $__dctx_ps1
        __dctx_mode_prompt
    end
end

# See by the first prompt of a terminal whether fish_prompt begins with an empty line (starship) or with a frame
# (nim). The segment then belongs behind these, so ours stays around it; else its own is put back.
function __dctx_frame
    set -g __dctx_framed 1
    builtin functions -q fish_prompt; or return
    if builtin functions -q __dctx_user_prompt
        builtin functions -e __dctx_user_prompt
    end
    builtin functions -c fish_prompt __dctx_user_prompt
    function fish_prompt --description $__dctx_m_about
        set -l IFS \n # leaves $status and $pipestatus alone
        # The first command, so that it sees the user's $status and $pipestatus. Alone: what a built-in prints may
        # overtake the output of a program. A newline at the end gets lost, as fish overlooks it in a prompt, too.
        set -l lines (__dctx_user_prompt $argv)
        set -l ps1 $__dctx_ps1
        test "$DCTX_PROMPT" != 0 -a -n "$__dctx_below"; or set ps1 ''
        set -l lead
        # starship clears what is below the cursor first.
        while set -q lines[2]; and string match -qr '^(?:\e\[[\d;?]*[A-Za-z])*\z' -- $lines[1]
            set lead 1
            builtin printf '%s\n' $lines[1]
            set -e lines[1]
        end
        if set -q lines[2]; and string match -qr '^(?:\e\[[\d;]*m|\e\(B)*[┌╭┬╔]' -- $lines[1]
            set lead 1
            test -z "$ps1"; or set lines[1] "$lines[1] $ps1"
        else if test -n "$ps1"
            set lines[1] "$ps1$lines[1]"
        end
        set -q lines[2]; and builtin printf '%s\n' $lines[1..-2]
        builtin printf %s "$lines[-1]"
        if test -n "$lead" -a -z "$__dctx_below"
            set -g __dctx_below 1
            builtin commandline -f repaint # the segment was drawn in the wrong place
        else if test -z "$lead"
            set -g __dctx_below ''
            builtin functions -e fish_prompt
            builtin functions -c __dctx_user_prompt fish_prompt
        end
    end
end

# Somebody may have defined another fish_mode_prompt since the last prompt, or erased it (starship shows the mode
# itself; the stock prompt nim defines one each time it is drawn). Ours is known by its description.
function __dctx_check --on-event fish_prompt
    set -qg __dctx_framed; or __dctx_frame
    set -l IFS \n
    set -l details (builtin functions -Dv fish_mode_prompt)
    test "$details[5]" = $__dctx_m_about; or __dctx_hang
end
set -g __dctx_framed 1 # not before the first prompt: what follows in the start-up file may define it
__dctx_check
set -eg __dctx_framed

__dctx_path
builtin true # `source` reports the last status
