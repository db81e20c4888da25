# tab.fish: what Tab offers after `dctx` and `dokploy --profile`. Names are the index's own files, so no process.
#
# `set -l IFS \n` where lines are taken apart: under an empty IFS of the user's they would be one word.

# Print the names that begin with $argv[1], or, where none does, those that contain it.
function __dctx_names
    set -q __dctx_n_broker; and return # a command that runs through the broker reads no index
    set -l IFS \n
    if not __dctx_fresh
        __dctx_prompt # an old index lacks names, and has some that are gone
        __dctx_fresh; or return
    end
    set -l others
    test -f $__dctx_dir/index/.others -a -r $__dctx_dir/index/.others; and read others <$__dctx_dir/index/.others
    set -l others (string split -n $__dctx_us -- "$others")
    for where in '^' ''
        set -l names
        # The index has files of its own, whose names begin with a dot; `*` leaves those out.
        if string match -qr "^[$__dctx_letters$__dctx_name_more]*\z" -- "$argv[1]"
            if test -z "$where"
                set names $__dctx_dir/index/*$argv[1]*
            else if not string match -q '.*' -- "$argv[1]"
                set names $__dctx_dir/index/$argv[1]*
            end
            set names (string replace -r '.*/' '' -- $names)
        end
        set -l typed $where(string escape --style=regex -- "$argv[1]")
        set -a names (string match -re -- "$typed" $others)
        if set -q names[1]
            builtin printf '%s\n' $names
            return 0
        end
    end
end

# Print the names for `dokploy --profile`, with the value apart or behind a `=`.
function __dctx_values
    set -l typed (builtin commandline -ct | string replace -r '^--profile=' '')
    set -l plain (string unescape -- "$typed"); or set plain $typed
    __dctx_names "$plain"
end

# Print the commands that begin with $argv[1], each with its description. Others fish would look for in the
# descriptions, too.
function __dctx_commands_like
    set -l rows (string split \n -- $__dctx_commands)
    string match -e -r -- ^(string escape --style=regex -- "$argv[1]") $rows | string replace : \t
end

# What may follow $argv[1], in __dctx_row. Status 1: the table has no such line.
function __dctx_follows
    set -l IFS \n
    set -l row (string replace -rf -- ^(string escape --style=regex -- $argv[1]): '' \
        (string split \n -- $__dctx_takes)); or return
    set -g __dctx_row (string split -n ' ' -- $row)
    return 0
end

# Print what may stand at the cursor. The first word is a name; or a command, where nothing is typed or no name
# begins like that. What follows it, a table says.
function __dctx_tab
    set -l fish_trace
    set -l IFS \n
    set -l key ''
    set -l value ''
    set -l seen
    set -l words (builtin commandline -opc)[2..]
    set -l typed (builtin commandline -ct)
    # What is typed so far may have quotes and backslashes.
    set -l plain (string unescape -- "$typed"); or set plain $typed
    if not set -q words[1]
        string match -q -- '-*' "$typed"; and builtin printf '%s\n' --help --version
        set -l names (__dctx_names "$plain")
        string replace -r '$' \tprofile -- $names
        test -n "$plain"; and string match -qr -- ^(string escape --style=regex -- $plain) $names
        or __dctx_commands_like "$plain"
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
    if test -z "$value"; and string match -q -- '--*=*' $plain
        set value (string split -m 1 = -- $plain)[1]
        builtin contains -- $value= $__dctx_row; or return
        set before $value=
        set plain (string split -m 1 = -- $plain)[2]
    end
    if test -n "$value"
        __dctx_follows $value=; or return
        set -e seen
    end
    for word in $__dctx_row --help
        switch $word
            case NAME NAMES
                test $word = NAME; and set -q seen[1]; and continue
                for name in (__dctx_names "$plain")
                    builtin contains -- $name $seen; or builtin printf '%s\tprofile\n' $before$name
                end
            case '--*'
                string match -q -- '-*' "$typed"; and test -z "$value"
                and string trim -r -c = -- $word
            case '-*'
            case '*'
                set -q seen[1]; and continue
                switch $word
                    case COMMAND
                        __dctx_commands_like "$plain"
                    case FILE
                    case '*'
                        builtin printf '%s\n' $before$word
                end
        end
    end
end
