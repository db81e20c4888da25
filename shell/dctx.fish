# dctx.fish: the whole hook for fish (3.6 on), after a header of constants. The same functions in
# the same order under the same names as core.sh and switch.sh, with the same answers; Policy is the
# core's. Starts no process but to ask the core. What fish lets nobody override (set, read, string,
# test) stands bare; `builtin` before the rest.

set -g __dctx_reserved (string split -n ' ' -- $__dctx_words)
set -qg __dctx_prev; or set -g __dctx_prev '' # the hook may be loaded again
set -g __dctx_gone ''
set -g __dctx_key ''
set -g __dctx_bad ''
set -g __dctx_told ''
set -g __dctx_hush ''
set -g __dctx_due ''
set -g __dctx_gen ''
set -g __dctx_env ''
set -g __dctx_ps1 ''
set -g __dctx_name ''
set -g __dctx_cfg ''
set -g __dctx_idx ''
set -g __dctx_level ''
set -g __dctx_drawn ''

# ---- The index and the one resolution order (core.sh) ----

# A name that may have a record. \z: a `$` would let a newline pass.
function __dctx_plain
    string match -qr '^[A-Za-z0-9][A-Za-z0-9._@+-]*\z' -- "$argv[1]"
end

# Read the record in the file into __dctx_r_*, in the order of index.py's CURRENT_FIELDS.
function __dctx_record
    test -r $argv[1]; and read -g -d $__dctx_us __dctx_r_format __dctx_r_name __dctx_r_url \
        __dctx_r_key __dctx_r_ask __dctx_r_protected __dctx_r_org_id __dctx_r_org \
        __dctx_r_segment __dctx_r_due __dctx_r_headers __dctx_r_state __dctx_r_by <$argv[1]
    and set -g __dctx_r_headers '' # for the shim alone: no secret stays here that nobody needs
end

# Where the configuration is: __dctx_cfg, __dctx_idx. Status 1: the core would refuse the folder.
function __dctx_where
    if not set -qx DOKPLOY_CONFIG_DIR; or test -z "$DOKPLOY_CONFIG_DIR"
        set -g __dctx_idx $HOME/.dokploy
    else if string match -q '/*' -- "$DOKPLOY_CONFIG_DIR"
        set -g __dctx_idx $DOKPLOY_CONFIG_DIR
    else
        return 1
    end
    set -g __dctx_cfg $__dctx_idx/config.json
    set -g __dctx_idx $__dctx_idx/index
    return 0
end

# Status 0: config.json is as old as the file; of a missing one fish says "older" and "newer".
function __dctx_same_age
    test -e $argv[1]; and not test $__dctx_cfg -nt $argv[1]; and not test $__dctx_cfg -ot $argv[1]
end

# Status 0: the index is of this config.json.
function __dctx_fresh
    # A generation that is known and still has its stamp is the newest: older stamps are unlinked.
    test -n "$__dctx_gen"; and __dctx_same_age $__dctx_idx/.stamp.$__dctx_gen; and return 0
    test -r $__dctx_idx/.gen; and read -g __dctx_gen <$__dctx_idx/.gen
    and __dctx_same_age $__dctx_idx/.stamp.$__dctx_gen
end

# Make the index fit to read. Status 0: it is; 1: it cannot be; 2: there is no config.json.
function __dctx_ready
    __dctx_where; or return 1
    __dctx_fresh; and return 0 # a missing config.json is older
    if not test -e $__dctx_cfg
        test -L $__dctx_cfg; and return 1
        return 2
    end
    __dctx_sync
    __dctx_fresh
end

# Load the record of a profile. Status 1: ask the core.
function __dctx_load
    __dctx_plain $argv[1]; and __dctx_record $__dctx_idx/$argv[1]
    and test "$__dctx_r_format" = $__dctx_format -a "$__dctx_r_name" = "$argv[1]"
end

# One line of `.env`, by the official CLI's own rule, into __dctx_e_url, _key, _token, which exist
# where the file names them. The first value that is not empty stays.
function __dctx_dotenv_line
    string match -q '*=*' -- $argv[1]; or return 0
    # Blanks are what JavaScript trims; the list is itself separated by blanks.
    set -l parts (string trim -c "$__dctx_spaces$__dctx_blanks" -- $argv[1] | string split -m 1 =)
    set -l name (string trim -c "$__dctx_spaces$__dctx_blanks" -- $parts[1])
    set -l value (string trim -c "$__dctx_spaces$__dctx_blanks" -- "$parts[2]" |
        string replace -r '^["\']' '' | string replace -r '["\']\z' '')
    switch "$name"
        case DOKPLOY_URL
            test -n "$__dctx_e_url"; or set -g __dctx_e_url "$value"
        case DOKPLOY_API_KEY
            test -n "$__dctx_e_key"; or set -g __dctx_e_key "$value"
        case DOKPLOY_AUTH_TOKEN
            test -n "$__dctx_e_token"; or set -g __dctx_e_token "$value"
    end
end

# Status 0: there is a `.env` with DOKPLOY_ in it; its text is in __dctx_reply.
function __dctx_env_speaks
    test -f .env -a -r .env; or return 1
    set -g __dctx_reply ''
    set -l part
    while read -z part # up to a NUL
        set -g __dctx_reply "$__dctx_reply$part"
    end <.env
    string match -q '*DOKPLOY_*' -- $__dctx_reply
end

# Level 3. __dctx_pair_is: pair, url or key (half of one), mixed (refused) or nothing;
# __dctx_pair_url. Of variables only those count that the CLI will see: `set X y` exports nothing.
function __dctx_pair
    set -g __dctx_env ''
    set -g __dctx_pair_is ''
    # The usual case first, for speed.
    set -qx DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN
    test $status = 3 -a ! -e .env; and return 0
    set -eg __dctx_e_url __dctx_e_key __dctx_e_token
    if __dctx_env_speaks
        set -g __dctx_env 1
        for line in (string split \n -- $__dctx_reply)
            string match -q '*DOKPLOY_*' -- $line; and __dctx_dotenv_line $line
        end
    end
    set -l url_from
    set -l key_from
    set -l key
    set -g __dctx_pair_url
    set -qx DOKPLOY_URL; and set -g __dctx_pair_url "$DOKPLOY_URL"
    if test -z "$__dctx_pair_url"
        set -g __dctx_pair_url $__dctx_e_url
        set url_from file
    end
    if set -qx DOKPLOY_API_KEY; or set -q __dctx_e_key
        set -qx DOKPLOY_API_KEY; and set key "$DOKPLOY_API_KEY"
        test -n "$key"; or begin
            set key $__dctx_e_key
            set key_from file
        end
    else
        set -qx DOKPLOY_AUTH_TOKEN; and set key "$DOKPLOY_AUTH_TOKEN"
        test -n "$key"; or begin
            set key $__dctx_e_token
            set key_from file
        end
    end
    if test -n "$__dctx_pair_url" -a -n "$key"
        set -g __dctx_pair_is pair
        test "$url_from" = file -a "$key_from" != file; and set -g __dctx_pair_is mixed
    else if test -n "$__dctx_pair_url"
        set -g __dctx_pair_is url
    else if test -n "$key"
        set -g __dctx_pair_is key
    end
end

# What the next `dokploy` uses: __dctx_level (2 to 5), __dctx_name, the record for levels 2 and 4,
# __dctx_pair_* where level 2 is silent. Status 1: refused, or only the core can tell.
function __dctx_resolve
    set -g __dctx_name ''
    set -qx DOKPLOY_PROFILE; and set -g __dctx_name "$DOKPLOY_PROFILE"
    set -g __dctx_pair_is ''
    set -g __dctx_env ''
    set -g __dctx_r_due ''
    if test -n "$__dctx_name"
        set -g __dctx_level 2
        __dctx_ready; and __dctx_load $__dctx_name
        return
    end
    __dctx_pair
    set -g __dctx_level 3
    switch $__dctx_pair_is
        case pair
            return 0
        case mixed
            return 1
    end
    set -g __dctx_level 4
    __dctx_ready
    switch $status
        case 1
            return 1
        case 2
            set -g __dctx_level 5
            return 0
    end
    __dctx_record $__dctx_idx/.current; and test "$__dctx_r_format" = $__dctx_format; or return 1
    set -g __dctx_name $__dctx_r_name
    switch "$__dctx_r_state"
        case ok
            return 0
        case none unset
            set -g __dctx_level 5
            return 0
        case '*'
            return 1
    end
end

# ---- The session (switch.sh) ----

function __dctx_say
    builtin printf 'dctx: %s\n' $argv[1] >&2
end

# Run the core.
function __dctx_core
    if not test -x $__dctx_bin
        __dctx_say "the program $__dctx_bin is gone. Install dctx again, then run: dctx install"
        return 1
    end
    command $__dctx_bin $argv
end

# Have the index compiled, once per change of config.json: where that fails the core leaves a file
# of the same age, __dctx_bad; where it could not even do that, "-" and the path stand for it.
function __dctx_sync
    test -n "$__dctx_gone"; and return 0 # what stays after an uninstall asks no more
    test "$__dctx_bad" = "-$__dctx_cfg"; and return 0
    test -n "$__dctx_bad"; and __dctx_same_age $__dctx_bad; and return 0
    if not test -x $__dctx_bin
        test -n "$__dctx_told$__dctx_hush"; or __dctx_core
        set -g __dctx_told 1
        return 0
    end
    if test -n "$__dctx_hush"
        set -g __dctx_bad (command $__dctx_bin sync --hook 2>/dev/null); and return
    else
        set -g __dctx_bad (command $__dctx_bin sync --hook); and return
    end
    # A damaged config.json is compiled, too: the index then says so.
    __dctx_fresh; or test -n "$__dctx_bad"; or set -g __dctx_bad "-$__dctx_cfg"
end

# Status 0: _DCTX_SESSION has the text $argv[2] at the place $argv[1]: start, middle or end. By a
# quoted regular expression, since a value may hold a glob; collected, since it may hold newlines,
# and with a bar at the end, since `string collect` cuts off the last ones.
function __dctx_remembers
    set -l text (string escape --style=regex -- "$argv[2]|" | string collect)
    switch $argv[1]
        case end
            string match -qr -- "$text\z" "$_DCTX_SESSION|"
        case '*'
            set text (string escape --style=regex -- $argv[2] | string collect)
            test $argv[1] = start; and set text "^$text"
            string match -qr -- $text $_DCTX_SESSION
    end
end

# Status 0: all three variables are what we set: the usual case, and quicker than asking one by one.
function __dctx_unchanged
    test "$_DCTX_SESSION" = "$DOKPLOY_PROFILE$__dctx_us$DOKPLOY_URL$__dctx_us$DOKPLOY_API_KEY"
end

# Status 0: this terminal is in a session of ours, and DOKPLOY_PROFILE still what we set.
function __dctx_in_session
    set -qx DOKPLOY_PROFILE; and test -n "$_DCTX_SESSION" -a -n "$DOKPLOY_PROFILE"; or return 1
    __dctx_unchanged; or __dctx_remembers start "$DOKPLOY_PROFILE$__dctx_us"
end

# Point the session at a name, url, key, organization and its id.
function __dctx_apply
    set -gx DOKPLOY_PROFILE $argv[1]
    set -gx DOKPLOY_URL $argv[2]
    set -gx DOKPLOY_API_KEY $argv[3]
    set -gx _DCTX_SESSION "$argv[1]$__dctx_us$argv[2]$__dctx_us$argv[3]"
    set -eg DOKPLOY_AUTH_TOKEN
    test -n "$argv[4]"; and set -gx DCTX_ORG $argv[4]; or set -eg DCTX_ORG
    test -n "$argv[5]"; and set -gx DCTX_ORG_ID $argv[5]; or set -eg DCTX_ORG_ID
    return 0
end

# Make the global variable $argv[2] what $argv[1] is: unset; or of its value, and exported if and only
# if that is. A universal one is only covered, and comes back by itself.
function __dctx_copy
    set -eg $argv[2]
    set -qg $argv[1]; or return 0
    set -l how -g
    set -qgx $argv[1]; and set how -gx
    set $how $argv[2] $$argv[1]
end

# Copy what a first switch replaces.
function __dctx_save
    # The usual case first, for speed.
    set -qg DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DCTX_ORG DCTX_ORG_ID
    test $status = 6; and return 0
    for name in DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DOKPLOY_AUTH_TOKEN DCTX_ORG DCTX_ORG_ID
        __dctx_copy $name _DCTX_S_$name
    end
end

# End the session: what is still ours returns to what was there before the first switch; what
# somebody changed since stays.
function __dctx_withdraw
    __dctx_unchanged; and set -l ours
    set -qg _DCTX_S_DOKPLOY_PROFILE _DCTX_S_DOKPLOY_URL _DCTX_S_DOKPLOY_API_KEY \
        _DCTX_S_DOKPLOY_AUTH_TOKEN _DCTX_S_DCTX_ORG _DCTX_S_DCTX_ORG_ID
    if test $status = 6; and set -q ours # the usual case, for speed
        set -eg DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DCTX_ORG DCTX_ORG_ID _DCTX_SESSION
        return 0
    end
    if set -q ours; or __dctx_remembers start "$DOKPLOY_PROFILE$__dctx_us"
        __dctx_copy _DCTX_S_DOKPLOY_PROFILE DOKPLOY_PROFILE
    end
    if set -q ours; or __dctx_remembers middle "$__dctx_us$DOKPLOY_URL$__dctx_us"
        __dctx_copy _DCTX_S_DOKPLOY_URL DOKPLOY_URL
    end
    if set -q ours; or __dctx_remembers end "$__dctx_us$DOKPLOY_API_KEY"
        __dctx_copy _DCTX_S_DOKPLOY_API_KEY DOKPLOY_API_KEY
    end
    set -qg DOKPLOY_AUTH_TOKEN; or __dctx_copy _DCTX_S_DOKPLOY_AUTH_TOKEN DOKPLOY_AUTH_TOKEN
    __dctx_copy _DCTX_S_DCTX_ORG DCTX_ORG
    __dctx_copy _DCTX_S_DCTX_ORG_ID DCTX_ORG_ID
    set -eg _DCTX_SESSION _DCTX_S_DOKPLOY_PROFILE _DCTX_S_DOKPLOY_URL _DCTX_S_DOKPLOY_API_KEY \
        _DCTX_S_DOKPLOY_AUTH_TOKEN _DCTX_S_DCTX_ORG _DCTX_S_DCTX_ORG_ID
    return 0
end

# What a session holds as the key of the loaded record, in __dctx_reply. Status 1: the core has it.
function __dctx_session_key
    if test -n "$__dctx_r_protected" -o "$DCTX_EXPORT_KEY" = 0
        set -g __dctx_reply $__dctx_sentinel
    else if test -n "$__dctx_r_ask"
        return 1
    else
        set -g __dctx_reply $__dctx_r_key
    end
    return 0 # `set` leaves the status of the test before it
end

# Status 0: URL and key in the environment are those that our own switch put there.
function __dctx_own_pair
    set -qx DOKPLOY_URL DOKPLOY_API_KEY; and __dctx_unchanged
end

# Keep the session true: withdrawn where somebody else took DOKPLOY_PROFILE, renewed where its
# record changed. __dctx_mark is set where URL or key were changed by hand: hands off then.
function __dctx_tend
    set -g __dctx_mark ''
    test -n "$_DCTX_SESSION"; or return 0
    if not __dctx_in_session
        __dctx_withdraw
        return 0
    end
    if not __dctx_own_pair
        set -g __dctx_mark !
        return 0
    end
    __dctx_ready; and __dctx_load $DOKPLOY_PROFILE; or return 0
    if not __dctx_session_key
        # The vault is not asked at a prompt: the key stays while the panel is the same.
        set -g __dctx_reply $__dctx_sentinel
        test "$DOKPLOY_URL" = "$__dctx_r_url"; and set -g __dctx_reply $DOKPLOY_API_KEY
    end
    if test "$DOKPLOY_URL" != "$__dctx_r_url" -o "$DOKPLOY_API_KEY" != "$__dctx_reply" -o \
            "$DCTX_ORG" != "$__dctx_r_org" -o "$DCTX_ORG_ID" != "$__dctx_r_org_id"
        __dctx_apply $__dctx_r_name $__dctx_r_url $__dctx_reply "$__dctx_r_org" "$__dctx_r_org_id"
    end
end

# The host of level 3's URL as "env:HOST", or "?" where it is not fit to show. In __dctx_reply.
function __dctx_host
    set -g __dctx_reply env:(string replace -r '^.*?://' '' -- $__dctx_pair_url |
        string replace -r '[/?#].*' '' | string replace -r '.*@' '')
    string match -qr '^[A-Za-z0-9._:@+-]{1,64}\z' -- "$__dctx_reply"; or set -g __dctx_reply '?'
end

# The segment for a name (level 2) that has no record, in __dctx_reply: the bare name where the
# core can use it, "NAME!" where it was this session's and is gone, "?" else.
function __dctx_without_record
    set -g __dctx_reply '?'
    string match -qr '^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}\z' -- $__dctx_name; or return 0
    if __dctx_ready
        __dctx_record $__dctx_idx/.current; and test "$__dctx_r_state" != damaged; or return 0
        set -l others
        test -r $__dctx_idx/.others; and read others <$__dctx_idx/.others
        if builtin contains -- $__dctx_name (string split $__dctx_us -- "$others")
            set -g __dctx_reply $__dctx_name$__dctx_mark
            return 0
        end
    else if test -e $__dctx_cfg
        return 0
    end
    __dctx_in_session; and set -g __dctx_reply $__dctx_name!
    return 0
end

# Status 0: the time (seconds since 1970) is past. No built-in knows the time, but one knows how
# long ago a file was changed.
function __dctx_past
    set -l age (builtin path mtime -R -- $__dctx_cfg)
    set -l then (builtin path mtime -- $__dctx_cfg)
    test (builtin math "$then + $age") -ge $argv[1]
end

# The prompt's text for a state, coloured, in __dctx_ps1.
function __dctx_paint
    set -g __dctx_ps1 "$argv[2] "
    test -z "$NO_COLOR"; or return 0
    set -l start __dctx_colour_$argv[1]
    # A command substitution takes as long as all else here: once per colour.
    if not set -q $start
        set -l colour yellow
        switch "$argv[1]"
            case session
                set colour green
            case default
                set colour --dim
            case protected
                set colour red
            case env
                set colour cyan
        end
        set -g $start (builtin set_color $colour)
        set -g __dctx_colour_none (builtin set_color normal)
    end
    set -g __dctx_ps1 "$$start$argv[2]$__dctx_colour_none "
end

# Show the loaded record (levels 2 and 4).
function __dctx_look_record
    set -l text $__dctx_r_segment$__dctx_mark
    set -l state session
    set -l open '('
    set -l close ')'
    if test $__dctx_level = 4
        set state default
        set open '~('
    end
    if test -n "$__dctx_r_protected"
        set state protected
        set open "$open("
        set close ")$close"
    end
    set -g __dctx_due ''
    if test -n "$__dctx_r_due"
        if __dctx_past $__dctx_r_due
            set text (string trim -r -c ! -- $text)!
        else
            set -g __dctx_due $__dctx_r_due
        end
    end
    __dctx_show $text $state "$open$text$close"
end

# Show a segment in a state and in the prompt: DCTX_SEGMENT, DCTX_SEGMENT_STATE (session, default,
# protected, env, unknown), _DCTX_SHOWN and __dctx_ps1.
function __dctx_show
    if test $__dctx_level -lt 4
        set -eg _DCTX_SHOWN
    else if test "$argv[2]" = unknown
        set -gx _DCTX_SHOWN "$fish_pid:"
    else
        set -gx _DCTX_SHOWN "$fish_pid:$__dctx_name"
    end
    if test -n "$argv[1]"
        set -gx DCTX_SEGMENT $argv[1]
        set -gx DCTX_SEGMENT_STATE $argv[2]
        __dctx_paint $argv[2] $argv[3]
    else
        set -eg DCTX_SEGMENT
        set -eg DCTX_SEGMENT_STATE
        set -g __dctx_ps1 ''
    end
    return 0
end

# Show what the next `dokploy` would use.
function __dctx_look
    set -l state unknown
    set -g __dctx_due ''
    __dctx_resolve
    set -l found $status
    # Without the shim the CLI sees no profile, only the variables and `.env`.
    if test -n "$__dctx_gone" -a $__dctx_level = 4
        set found 1
    else if test -n "$__dctx_gone" -a $__dctx_level = 2; and not __dctx_own_pair
        set found 1
        set -g __dctx_level 4
    end
    if test $found = 0
        switch $__dctx_level
            case 2 4
                __dctx_look_record
                return
            case 3
                __dctx_host
                test $__dctx_reply = '?'; or set state env
            case '*'
                set -g __dctx_reply ''
                set state ''
        end
    else if test $__dctx_level = 2
        __dctx_without_record
        test "$__dctx_reply" = "$__dctx_name"; and set state session
    else
        set -g __dctx_reply '?'
    end
    __dctx_show "$__dctx_reply" "$state" "($__dctx_reply)"
end

function __dctx_refresh
    __dctx_tend
    __dctx_look
end

# Switch this terminal to a profile, all or nothing. (fish has no readonly variables.)
function __dctx_switch
    set -l name $argv[1]
    set -l prev $__dctx_prev
    set -l ours ''
    if __dctx_in_session
        set ours 1
        test "$DOKPLOY_PROFILE" = "$name"; or set prev $DOKPLOY_PROFILE
    else if test -n "$_DCTX_SESSION"
        __dctx_withdraw
    end
    set -g __dctx_hush 1
    if __dctx_ready; and __dctx_load $name; and __dctx_session_key
        set -g __dctx_hush ''
        test -n "$ours"; or __dctx_save
        __dctx_apply $name $__dctx_r_url $__dctx_reply "$__dctx_r_org" "$__dctx_r_org_id"
        set -g __dctx_level 2
        set -g __dctx_name $name
        set -g __dctx_mark ''
        __dctx_look_record
    else
        set -g __dctx_hush ''
        __dctx_evaluate $name "$ours"; or return
        set -l fish_trace # what was evaluated had one, and the end of its scope turned the trace on
        __dctx_refresh
    end
    set -g __dctx_prev $prev
    __dctx_say "this terminal is on $DCTX_SEGMENT ($DOKPLOY_URL)."
end

# Switch by what the core prints: it knows keys that are not in the index, and says what is wrong
# where nothing can be switched. It cannot see what is not exported: that is saved here, unless
# $argv[2] says that this terminal is in a session.
function __dctx_evaluate
    set -l text (__dctx_core env --direct --shell fish -- $argv[1] | string collect)
    set -l codes $pipestatus
    test $codes[1] = 0; or return $codes[1]
    test -n "$argv[2]"; or __dctx_save
    eval $text
end

function __dctx_off
    if test -z "$_DCTX_SESSION"
        if test -n "$DOKPLOY_PROFILE"
            __dctx_say 'DOKPLOY_PROFILE was not set by dctx here; it stays. Run: set -e DOKPLOY_PROFILE'
        else
            __dctx_say 'this terminal has not switched.'
        end
        return 0
    end
    __dctx_in_session; and set -g __dctx_prev $DOKPLOY_PROFILE
    __dctx_withdraw
    __dctx_refresh
    set -l here 'no profile'
    set -q DCTX_SEGMENT; and set here $DCTX_SEGMENT
    __dctx_say "off. In force here: $here."
end

# The profile before, and again back; before a first switch there was none.
function __dctx_back
    if __dctx_in_session
        if test -z "$__dctx_prev" -o "$__dctx_prev" = "$DOKPLOY_PROFILE"
            __dctx_off
            return
        end
    else if test -z "$__dctx_prev"
        __dctx_say 'this terminal has not switched, so there is no way back. Run: dctx NAME'
        return 1
    end
    __dctx_switch $__dctx_prev
end

# Choose by fzf on a terminal; else list.
function __dctx_pick
    if test -n "$DCTX_NO_FZF"; or not test -t 0 -a -t 1; or not command -q fzf
        __dctx_core list
        return
    end
    set -l lines (__dctx_core _fzf -- "$__dctx_prev"); or return
    if test -z "$lines"
        __dctx_core list
        return
    end
    set -l name (builtin printf '%s\n' $lines | command fzf --delimiter=\t --with-nth=2.. \
        --height=40% --layout=reverse --prompt='dctx> ' --no-multi --no-tac --no-print-query \
        --no-expect --no-print0); or return 130
    __dctx_switch (string split -f 1 \t -- $name)
end

# Hand the words to the core; a renamed profile takes this terminal along.
function __dctx_command
    __dctx_core $argv; or return
    set -g __dctx_bad ''
    set -g __dctx_key ''
    if test $argv[1] = rename
        set -l old $argv[-2]
        test "$__dctx_prev" = "$old"; and set -g __dctx_prev $argv[-1]
        if __dctx_in_session; and test "$DOKPLOY_PROFILE" = "$old"
            set -l prev $__dctx_prev
            __dctx_switch $argv[-1]
            set -g __dctx_prev $prev
        end
    end
    __dctx_refresh
end

# The command: words of ours to the core, any other single word is a profile's name.
function dctx --description 'Point this terminal at another Dokploy panel or organization'
    set -l fish_trace # a key must not show in a trace
    # How many of four words are missing: `count` would want a command substitution, 50 µs.
    set -q argv[1] argv[2] argv[3] argv[4]
    switch $status:"$argv[1]":"$argv[2]"
        case '4:*'
            __dctx_pick
        case '3:-:' '2:switch:-'
            __dctx_back
        case '3:off:'
            __dctx_off
        case '1:switch:--'
            __dctx_switch $argv[3]
        case '2:--:*'
            __dctx_switch $argv[2]
        case '2:switch:-*'
            __dctx_command $argv
        case '2:switch:?*'
            __dctx_switch $argv[2]
        case '3:-*'
            __dctx_command $argv
        case '3:*'
            if builtin contains -- $argv[1] $__dctx_reserved
                __dctx_command $argv
            else
                __dctx_switch $argv[1]
            end
        case '*'
            __dctx_command $argv
    end
end

# ---- Prompt and Tab ----

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

# What a prompt's answer hangs on, in __dctx_reply; the numbers tell what is exported, since a variable
# that is set empty may hide another.
function __dctx_state
    set -qx DOKPLOY_PROFILE
    set -l hidden $status
    set -qx DOKPLOY_URL
    set -a hidden $status
    set -qx DOKPLOY_API_KEY
    set -a hidden $status
    set -qx DOKPLOY_AUTH_TOKEN
    set -a hidden $status
    set -qx DOKPLOY_CONFIG_DIR
    set -g __dctx_reply "$hidden$status$__dctx_gone$__dctx_us$PWD$__dctx_us$DOKPLOY_PROFILE$__dctx_us$DOKPLOY_URL$__dctx_us$DOKPLOY_API_KEY$__dctx_us$DOKPLOY_AUTH_TOKEN$__dctx_us$_DCTX_SESSION$__dctx_us$DOKPLOY_CONFIG_DIR$__dctx_us$HOME$__dctx_us$DCTX_EXPORT_KEY$__dctx_us$NO_COLOR$__dctx_us$__dctx_gen"
end

# Before each prompt. Nothing that it reads has changed since the last one: then nothing is read.
function __dctx_prompt
    set -l fish_trace
    set -g __dctx_drawn 1
    __dctx_path
    __dctx_state
    if test "$__dctx_key" != "$__dctx_reply" -o ! -e "$__dctx_idx/.stamp.$__dctx_gen" \
            -o "$__dctx_cfg" -nt "$__dctx_idx/.stamp.$__dctx_gen" \
            -o "$__dctx_cfg" -ot "$__dctx_idx/.stamp.$__dctx_gen"
        __dctx_anew
    else if test -n "$__dctx_env"
        __dctx_anew
    else if test "$__dctx_level" != 2 -a -e .env; and __dctx_env_speaks
        __dctx_anew
    else if test -n "$__dctx_due"; and __dctx_past $__dctx_due
        __dctx_anew
    end
end

function __dctx_anew
    __dctx_refresh
    __dctx_state
    set -g __dctx_key $__dctx_reply
end

# Hang the segment into fish_mode_prompt, around the one that is there. fish draws it left of the
# prompt in every key mode, with the last command's own status for each of its prompt functions; a
# later fish_prompt does it no harm. Not by the event fish_prompt: direnv's handler may come after.
function __dctx_hang
    if builtin functions -q fish_mode_prompt
        if builtin functions -q __dctx_mode_prompt
            string match -q '*__dctx_prompt*' -- (builtin functions fish_mode_prompt); and return
            builtin functions -e __dctx_mode_prompt
        end
        builtin functions -c fish_mode_prompt __dctx_mode_prompt
    else
        function __dctx_mode_prompt
        end
    end
    function fish_mode_prompt
        __dctx_prompt
        test "$DCTX_PROMPT" = 0; or builtin printf %s $__dctx_ps1
        __dctx_mode_prompt
    end
end
__dctx_hang

# Whoever defined another fish_mode_prompt since, or erased it (starship shows the mode itself):
# the last prompt was then drawn without ours.
function __dctx_event --on-event fish_prompt
    test -n "$__dctx_drawn"; and builtin functions -q fish_mode_prompt; or __dctx_hang
    set -g __dctx_drawn ''
end

# Names for Tab: the index's own files, so no process.
function __dctx_names
    set -g __dctx_hush 1
    __dctx_ready
    set -l ready $status
    set -g __dctx_hush ''
    test $ready = 0; or return
    set -l names $__dctx_idx/*
    set -l others
    test -r $__dctx_idx/.others; and read others <$__dctx_idx/.others
    test -n "$others"; and set -a names (string split $__dctx_us -- $others)
    string replace -r '.*/' '' -- $names
end

# The first word is a name; or a command, where nothing is typed or no name begins like that.
function __dctx_first
    set -l names (__dctx_names)
    set -l typed (builtin commandline -ct)
    string replace -r '$' \tprofile -- $names
    test -n "$typed"; and string match -qr -- ^(string escape --style=regex -- $typed) $names
    and return
    string replace : \t -- (string split \n -- $__dctx_commands)
end

# What may follow $argv[1], in __dctx_row. Status 1: the table has no such line.
function __dctx_follows
    set -l row (string replace -rf -- ^(string escape --style=regex -- $argv[1]): '' \
        (string split \n -- $__dctx_takes)); or return
    set -g __dctx_row (string split -n ' ' -- $row)
    return 0
end

# After the first word: what is in the table.
function __dctx_tab
    set -l key ''
    set -l value ''
    set -l seen
    set -l words (builtin commandline -opc)[2..]
    set -l typed (builtin commandline -ct)
    if not set -q words[1]
        string match -q -- '-*' "$typed"; and builtin printf '%s\n' --help --version
        __dctx_first
        return
    end
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        if test -n "$value"
            set value ''
        else if __dctx_follows $key$word # a command, then its subcommand
            set key "$key$word "
        else if test -z "$key"
            return
        else if test "$key$word" = 'exec --'
            builtin complete -C (string join ' ' -- (string escape -- $words) $typed)
            return
        else if builtin contains -- $word= $__dctx_row
            set value $word
        else if not string match -q -- '-*' $word
            set -a seen $word
        end
    end
    set -l before ''
    if test -z "$value"; and string match -q -- '--*=*' $typed
        set value (string split -m 1 = -- $typed)[1]
        builtin contains -- $value= $__dctx_row; or return
        set before $value=
    end
    if test -n "$value"
        __dctx_follows $value=; or return
        set -e seen
    end
    for word in $__dctx_row --help
        switch $word
            case NAME NAMES
                test $word = NAME; and set -q seen[1]; and continue
                set -l names (__dctx_names)
                for name in $seen
                    set -l at (builtin contains -i -- $name $names); and set -e names[$at]
                end
                set -q names[1]; and builtin printf '%s\tprofile\n' $before$names
            case '--*'
                string match -q -- '-*' "$typed"; and test -z "$value"
                and string trim -r -c = -- $word
            case '-*'
            case '*'
                set -q seen[1]; and continue
                switch $word
                    case COMMAND
                        string replace : \t -- (string split \n -- $__dctx_commands)
                    case FILE
                    case '*'
                        builtin printf '%s\n' $before$word
                end
        end
    end
end

builtin complete -c dctx -e
builtin complete -c dctx -f -k -a '(__dctx_tab)'
builtin complete -c dctx -n 'set -l words (builtin commandline -opc); test "$words[2]" = import' -F
builtin complete -c dokploy -l profile -x -a '(__dctx_names)' -d 'run as this profile'

__dctx_path
builtin true # `source` reports the last status
