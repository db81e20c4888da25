# session.fish: the command `dctx`, loaded when it is first used. A switch and its way back in the ordinary states
# read one record and start nothing; in all others the core is asked, and says what is to be done.

# Words of ours go to the core, any other single word is a profile's name.
function dctx --description $__dctx_m_about
    set -l fish_trace # a key must not show in a trace
    test -x $__dctx_shims/dokploy; or __dctx_path; or return 0
    # How many of four words are missing: `count` would want a command substitution.
    set -q argv[1] argv[2] argv[3] argv[4]
    switch $status:"$argv[1]":"$argv[2]"
        case 4::
            __dctx_pick
        case 3:-: 2:switch:-
            __dctx_back
        case 3:off:
            __dctx_off
        case '3:-*' '2:switch:-*' 2:switch:
            __dctx_command $argv
        case '3:*'
            # Of the reserved words only one that became reserved later can have a record.
            if __dctx_enter_profile $argv[1]
                return
            else if not builtin contains -- $argv[1] $__dctx_reserved $__dctx_yields
                or builtin contains -- $argv[1] (builtin contains -- $argv[1] $__dctx_yields
                    and __dctx_core list -q 2>/dev/null | string split \n)
                __dctx_order switch -- $argv[1]
            else
                __dctx_command $argv
            end
        case 1:switch:-- '2:--:*' '2:switch:*'
            __dctx_switch $argv[-1]
        case '*'
            __dctx_command $argv
    end
end
set -g __dctx_reserved (string split -n ' ' -- $__dctx_words)
set -g __dctx_yields (string split -n ' ' -- $__dctx_yielding)

# Switch this terminal to a profile. (fish has no readonly variables, and none of its jobs is a subshell.)
function __dctx_switch
    __dctx_enter_profile $argv[1]; or __dctx_order switch -- $argv[1]
end

# Switch by the profile's record. Status 1: the core has to be asked; nothing has changed.
function __dctx_enter_profile
    __dctx_steady; and string match -qr -- $__dctx_name_rule $argv[1]; and __dctx_record $argv[1] __dctx_enter
end

# Status 0: nothing here is out of the ordinary, the index is fresh, and this terminal is in a session of ours that
# nobody touched (__dctx_ours is its name), or in none ('').
function __dctx_steady
    set -q DCTX_EXPORT_KEY __dctx_n_broker
    test $status = 2 -a -z "$__dctx_gone"; and __dctx_fresh; or return
    set -g __dctx_ours ''
    set -q __dctx_n_session; or return 0
    set -qx __dctx_n_session __dctx_n_profile __dctx_n_url __dctx_n_key; and not set -q __dctx_n_token
    and test -n "$__dctx_n_profile" -a \
        "$__dctx_n_session" = "$__dctx_n_profile$__dctx_us$__dctx_n_url$__dctx_us$__dctx_n_key"; or return
    set -g __dctx_ours $__dctx_n_profile
end

# Enter a session of the profile whose record is read.
function __dctx_enter --no-scope-shadowing
    test -n "$__dctx_r_session_key"; or return
    if test -z "$__dctx_ours"
        __dctx_save
    else if test "$__dctx_ours" != $__dctx_r_name
        set -g __dctx_prev $__dctx_ours
    end
    __dctx_export $__dctx_r_name $__dctx_r_url $__dctx_r_session_key "$__dctx_r_org" "$__dctx_r_org_id" \
        "$__dctx_r_name$__dctx_us$__dctx_r_url$__dctx_us$__dctx_r_session_key"
    __dctx_changed
end

# Leave the session for the default, whose record is read.
function __dctx_leave --no-scope-shadowing
    set -g __dctx_prev $__dctx_ours
    set -eg $__dctx_l_changed
    __dctx_changed
end

# The next prompt finds its work done. What is remembered may hold the key of before.
function __dctx_changed --no-scope-shadowing
    set -g __dctx_kept
    __dctx_fingerprint
    builtin printf '%s\n' $__dctx_r_says >&2
end

# What the prompt shows, and what is remembered, may be old now.
function __dctx_forget
    set -g __dctx_seen ''
    set -g __dctx_kept
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
end

# End the session. Quick where it covers nothing, so that the default comes back: no copy, no universal variable, which
# would come back by itself, and no `.env` that counts without a session.
function __dctx_off
    set -q $__dctx_l_saved
    set -l free $status
    set -qU $__dctx_l_owned
    set free $free,$status
    set -g __dctx_loud ''
    test -f .env; and __dctx_dotenv
    test "$free$__dctx_loud" = $__dctx_owned_count,$__dctx_owned_count
    and __dctx_steady; and test -n "$__dctx_ours"; and __dctx_record '' __dctx_leave
    or __dctx_order off
end

# The previous profile, and again back; before a first switch there was none.
function __dctx_back
    if not __dctx_steady; or test -z "$__dctx_ours$__dctx_prev"
        __dctx_order back
    else if test -n "$__dctx_ours" -a \( -z "$__dctx_prev" -o "$__dctx_prev" = "$__dctx_ours" \)
        __dctx_off
    else
        __dctx_switch $__dctx_prev
    end
end

# Do what the core answers to these words, and say what it says.
function __dctx_order
    __dctx_forget
    __dctx_path
    if not __dctx_ask $argv
        test -x $__dctx_bin; and builtin printf "$__dctx_m_no_answer\n" $__dctx_bin >&2
        return 1
    end
    set -l say $__dctx_a_say
    set -l rc $__dctx_a_rc
    if test "$rc" = 0 -o -n "$__dctx_a_session"
        __dctx_take
    else # what was refused changes nothing, what is shown included: the next prompt looks by itself
        set -eg $__dctx_l_answer
        set -g __dctx_said "$say" # which no prompt repeats
    end
    test -z "$say"; or builtin printf '%s\n' $say >&2
    return $rc
end

# Choose by fzf on a terminal; else list.
function __dctx_pick
    if test -z "$DCTX_NO_FZF" -a -t 0 -a -t 1; and command -q fzf
        set -l name (__dctx_core _pick -- "$__dctx_prev" | string collect)
        set -l codes $pipestatus
        test $codes[1] = 0; or return $codes[1]
        if test -n "$name"
            __dctx_switch $name
            return
        end
    end
    __dctx_core list
end

# Hand the words to the core; after a rename this terminal follows.
function __dctx_command
    __dctx_core $argv
    set -l rc $status
    __dctx_forget
    if test "$rc:$argv[1]" = 0:rename; and builtin contains -- $argv[-2] $__dctx_prev $__dctx_n_profile
        __dctx_order rename -- $argv[-2..]
    else
        __dctx_prompt
    end
    return $rc
end
