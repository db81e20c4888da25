# tab-dokploy.fish: Tab for the official CLI: groups, commands and options from the files in the data folder, so no
# process; ids and names by one call of the core.

# Print the lines of the file $argv[1] of the data folder. Status 1: there is none.
function __dctx_rows
    set -l file (string replace -r '/[^/]*$' '' -- $__dctx_shims)/cli/$argv[1]
    string match -q '*/*' -- $argv[1]; and return 1
    test -f $file -a -r $file; or return
    while read -l line
        builtin printf '%s\n' $line
    end <$file
end

# Print the first fields of the file $argv[1], each with the next one.
function __dctx_first_fields
    set -l us $__dctx_us
    __dctx_rows $argv[1] | string replace -r "^([^$us]*)$us([^$us]*).*" '$1\t$2'
end

# Print the values of the option $argv[1] for what is typed, $argv[2], each behind $argv[3].
function __dctx_option_values
    set -l IFS \n
    set -l value (string match -r -- '^'$argv[1]'!?=(.+)' $__dctx_row)[2]; or return
    if test "$value" != @
        string replace -r '^' -- "$argv[3]" (string split , -- $value)
        return
    end
    set -l flag
    test -n "$argv[4]"; and set flag --profile=$argv[4]
    set -lx __dctx_n_typed (builtin commandline -opc | string join -- $__dctx_us)
    for line in (__dctx_core _ids --whole $flag -- $argv[1] $argv[2] 2>/dev/null)
        builtin printf '%s\n' $argv[3]$line
    end
end

# Print what may stand at the cursor.
function __dctx_tab_cli
    set -l fish_trace
    set -l IFS \n
    # What the shim hands to dctx.
    if builtin contains -- (builtin commandline -opc)[2] auth profiles
        __dctx_tab
        return
    end
    set -l value ''
    set -l flag ''
    set -l group ''
    set -l command ''
    set -l seen
    set -g __dctx_row
    set -l typed (builtin commandline -ct)
    # A quote may still be open.
    set -l plain (string unescape -- "$typed"); or set plain (string unescape -- "$typed\"")
    or set plain (string unescape -- "$typed'"); or set plain $typed
    for word in (builtin commandline -opc)[2..]
        if test -n "$value"
            test $value = --profile; and set flag $word
            set value ''
            continue
        end
        switch $word
            case --
                return
            case --profile
                set value --profile
            case '--profile=*'
                set flag (string replace -- --profile= '' $word)
            case '-*'
                set -a seen (string split -m 1 = -- $word)[1]
                string match -q '*=*' -- $word
                or not string match -qr -- '^'(string escape --style=regex -- $word)'!?=' $__dctx_row
                or set value $word
            case '*'
                if test -z "$group"
                    set group $word
                else if test -z "$command"
                    set command $word
                    set -l us $__dctx_us
                    set -l line (__dctx_rows $group | string match -- "$command$us*"); or return
                    set -g __dctx_row (string split -n ' ' -- (string split $us -- $line[1])[3])
                end
        end
    end
    if test "$value" = --profile
        return
    else if test -n "$value"
        __dctx_option_values $value "$plain" '' $flag
    else if string match -q -- '--*=*' $plain
        set -l parts (string split -m 1 = -- $plain)
        __dctx_option_values $parts[1] "$parts[2]" $parts[1]= $flag
    else if test -z "$group"
        string match -q -- '-*' "$plain"; and builtin printf '%s\n' --help --version; or __dctx_first_fields .groups
    else if test -z "$command"
        string match -q -- '-*' "$plain"; and builtin printf '%s\n' --help; or __dctx_first_fields $group
    else if test -z "$plain"; or string match -q -- '-*' $plain
        set -l needed
        for word in $__dctx_row --help
            set -l name (string match -r -- '^[^!=]+' $word)
            builtin contains -- $name $seen; and continue
            if string match -q '*!*' -- $word
                builtin printf '%s\trequired\n' $name
                set needed 1
            else if test -n "$plain" -o -z "$needed"
                builtin printf '%s\n' $name
            end
        end
    end
end
