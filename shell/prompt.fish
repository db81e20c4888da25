# prompt.fish: what the prompt shows, and where. The quick road comes first: where nothing has changed nothing is
# read; in the ordinary states one record is read; in all others the core is asked, once for each change.

# Before each prompt: somebody may have defined another fish_mode_prompt or fish_prompt since the last one (the stock
# prompt nim does so each time it is drawn) or erased it (starship). Ours answer to an event; a function that takes
# their name does not. The work itself waits for fish_mode_prompt, since direnv's handler may come after this one.
function __dctx_check --on-event fish_prompt
    set -eg __dctx_hung __dctx_around __dctx_below __dctx_drawing
    builtin emit __dctx_whose whose
    test -n "$__dctx_hung"; or __dctx_hang
    test "$__dctx_lead" = "$__dctx_around"; or __dctx_frame
end

# Hang the segment into fish_mode_prompt, before what is there: fish draws it left of the prompt in every key mode,
# with the last command's own status for each of its prompt functions, and a later fish_prompt does it no harm.
function __dctx_hang
    # Who takes fish_mode_prompt away may have brought another prompt: nim and starship do both.
    test -z "$__dctx_lead"; and set -g __dctx_lead unknown
    builtin functions -q fish_mode_prompt
    or function fish_mode_prompt
    end
    if not __dctx_described fish_mode_prompt
        builtin functions -e __dctx_mode_prompt
        builtin functions -c fish_mode_prompt __dctx_mode_prompt
    end
    function fish_mode_prompt --description $__dctx_m_about --on-event __dctx_whose
        if test "$argv" = whose
            set -g __dctx_hung 1
            return
        end
        test -z "$__dctx_drawing"; or return # a function that was put around this one called it
        set -g __dctx_drawing 1
        if not __dctx_prompt
            fish_mode_prompt # the user's own is back
            return
        end
        test -n "$DCTX_PROMPT"; and __dctx_hides
        or test "$__dctx_below" = 1; or builtin printf %s $__dctx_ps1
        __dctx_mode_prompt
        set -eg __dctx_drawing
    end
end

# Settle what the prompt shows.
function __dctx_prompt
    set -l fish_trace # a key must not show in a trace
    test "$PATH[1]" = $__dctx_shims -a -x $__dctx_shims/dokploy; or __dctx_path; or return
    __dctx_fingerprint
    if test "$__dctx_look" = "$__dctx_seen"; and $__dctx_bond
        test -z "$__dctx_until"; and return
        __dctx_due $__dctx_until; and return
    end
    __dctx_quick; or __dctx_recall; or __dctx_learn
    return 0
end

# Show an ordinary state: a session of ours that nobody touched, DOKPLOY_PROFILE alone, URL and key alone, the
# default, no config.json at all. Status 1: this is none, or its record does not say all; nothing was shown.
function __dctx_quick
    test -z "$__dctx_loud$__dctx_gone"; or return
    set -l name
    set -l holds
    switch $__dctx_look # begins with which variables are exported
        case '15,7,*' '15,3,*' # none
        case '14,7,*' '14,3,*' # the profile
            set name $__dctx_n_profile
        case '8,6,*' '8,2,*' # profile, url, key and the memory of a session
            set name $__dctx_n_profile
            set holds __dctx_whole
            test -n "$name"; or return
        case '9,7,*' '9,3,*' # url and key
            set -l host (string match -r -g -- $__dctx_host_rule $__dctx_n_url)
            and test -n "$__dctx_n_key"; and string match -qr -- "^.{1,$__dctx_shown_max}\z" "env:$host"; or return
            __dctx_settle __dctx_anyway '' 3 '' "env:$host" env "(env:$host) "
            return
        case '*'
            return 1
    end
    test -z "$name"; or string match -qr -- $__dctx_name_rule "$name"; or return
    if __dctx_fresh
        __dctx_record "$name" $holds
    else
        test -z "$name"; and __dctx_none; and __dctx_settle __dctx_none '' 5 '' '' '' ''
    end
end

# Status 0: the session is as the record that is read says.
function __dctx_whole --no-scope-shadowing
    set -l us $__dctx_us
    test "$DCTX_EXPORT_KEY" != 0
    and test "$__dctx_n_session$us$__dctx_n_url$us$__dctx_n_key$us$__dctx_n_org$us$__dctx_n_org_id" \
        = "$__dctx_r_name$us$__dctx_r_url$us$__dctx_r_session_key$us$__dctx_r_url$us$__dctx_r_session_key$us\
$__dctx_r_org$us$__dctx_r_org_id"
end

# Status 0: there is no config.json.
function __dctx_none
    test -n "$__dctx_dir" -a ! -e $__dctx_dir/config.json -a ! -L $__dctx_dir/config.json
end

# Status 0: what is shown hangs on no file.
function __dctx_anyway
    return 0
end

# Show what the core answered to this fingerprint before. Status 1: it did not, or that may be different now.
function __dctx_recall
    __dctx_fresh
    set -l at (builtin contains -i -- "$__dctx_look$__dctx_us$__dctx_stamp" $__dctx_kept); or return
    set -l shown $__dctx_kept[(builtin math $at + 1)..(builtin math $at + 7)]
    $shown[1]; or return
    test -z "$shown[2]"; or __dctx_due $shown[2]; and __dctx_settle $shown
end

# Ask the core, show its answer and remember it. A question that fails is asked again when something changes, after
# a while, and after the next command of ours.
function __dctx_learn
    set -l say
    set -g __dctx_code ''
    if __dctx_need __dctx_switch session; and __dctx_ask prompt
        set say $__dctx_a_say
        __dctx_take
    else
        __dctx_settle __dctx_anyway (builtin math (__dctx_now) + $__dctx_retry) 4 '' '?' unknown '(?) '
        # What is left after an uninstall says nothing.
        if test "$__dctx_code" = 126
            set say (builtin printf "$__dctx_m_old_python" $__dctx_python)
        else if test -x $__dctx_bin
            set say (builtin printf "$__dctx_m_no_answer" $__dctx_bin)
        else if test -z "$__dctx_gone"
            set say (builtin printf "$__dctx_m_no_core" $__dctx_bin)
        end
    end
    test "$say" = "$__dctx_said" -o -z "$say"; or builtin printf '%s\n' $say >&2
    set -g __dctx_said $say
end

# Status 0: the function $argv[1] is ours: itself, or a copy that somebody kept and put back (as `deactivate` does).
function __dctx_described
    set -l IFS \n
    set -l details (builtin functions -Dv $argv[1])
    test "$details[5]" = $__dctx_m_about
end

# See by the first prompt of a terminal whether fish_prompt begins with an empty line (starship) or with a frame
# (nim). The segment then belongs behind these, so ours stays around it; else its own is put back. __dctx_lead knows.
function __dctx_frame
    test -z "$__dctx_around"; and builtin functions -q fish_prompt; or return
    if not __dctx_described fish_prompt
        test "$__dctx_lead" = 1; and return # another one took its place
        builtin functions -e __dctx_user_prompt
        builtin functions -c fish_prompt __dctx_user_prompt
    end
    set -g __dctx_around 1
    set -g __dctx_below $__dctx_lead
    function fish_prompt --description $__dctx_m_about --on-event __dctx_whose
        switch "$argv" # unlike `test` it leaves the user's $status and $pipestatus alone
            case whose
                set -g __dctx_around 1
                set -g __dctx_below $__dctx_lead
            case '*'
                __dctx_framed $argv
        end
    end
end

# Status 0: the user wants no segment, by DCTX_PROMPT=0; or by DCTX_PROMPT=session and this is the mere default, whose
# text begins with ~.
function __dctx_hides
    test "$DCTX_PROMPT" = 0; and return
    test "$DCTX_PROMPT" = session; and string match -qr '^(?:\e\[\d+m)?~' -- $__dctx_ps1
end

# Draw the user's own prompt with the segment in its place.
function __dctx_framed
    set -l IFS \n
    # The first command, so that it sees the user's $status and $pipestatus. Alone: what a built-in prints may
    # overtake the output of a program. A newline at the end gets lost, as fish overlooks it in a prompt, too.
    set -l lines (__dctx_user_prompt $argv)
    set -l ps1 ''
    __dctx_hides; or test "$__dctx_below" != 1; or set ps1 $__dctx_ps1
    set -l lead ''
    # starship clears what is below the cursor first.
    while set -q lines[2]; and string match -qr '^(?:\e\[[\d;?]*[A-Za-z])*\z' -- $lines[1]
        set lead 1
        builtin printf '%s\n' $lines[1]
        set -e lines[1]
    end
    if set -q lines[2]; and string match -qr '^(?:\e\[[\d;]*m|\e\(B)*[┌╭┬╔]' -- $lines[1]
        set lead 1
        test -z "$ps1"; or set lines[1] "$lines[1] $ps1"
    else
        set lines[1] "$ps1$lines[1]"
    end
    set -q lines[2]; and builtin printf '%s\n' $lines[1..-2]
    builtin printf %s "$lines[-1]"
    test -n "$__dctx_around"; or return # another function was put around ours
    set -g __dctx_lead $lead
    if test -z "$lead"
        builtin functions -e fish_prompt
        builtin functions -c __dctx_user_prompt fish_prompt
    else if test "$__dctx_below" != 1
        set -g __dctx_below 1
        builtin commandline -f repaint # the segment was drawn in the wrong place
    end
end
