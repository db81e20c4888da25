# leave.bash: what leave.sh wants of bash.
# shellcheck shell=bash disable=SC2154,SC2128,SC2178,SC2016

# Take the hook out of prompt and Tab, and forget all that is called __dctx_*.
__dctx_remove() {
    local IFS=$'\n' kept part
    kept=()
    [[ ${PS1-} != *"$__dctx_reference"* ]] || ! __dctx_writable PS1 || PS1=${PS1//"$__dctx_reference"/}
    [[ -z ${STARSHIP_PROMPT_COMMAND-} ]] || STARSHIP_PROMPT_COMMAND=${STARSHIP_PROMPT_COMMAND//__dctx_prompt/}
    if __dctx_writable PROMPT_COMMAND; then
        for part in "${PROMPT_COMMAND[@]}"; do
            part=${part%'${__dctx_bash:+"__dctx_prompt"}'}
            part=${part%'; '}
            [[ -z $part || $part == __dctx_prompt ]] || kept+=("$part")
        done
        unset PROMPT_COMMAND
        [[ ${#kept[@]} != 1 ]] || PROMPT_COMMAND=${kept[0]}
        [[ ${#kept[@]} -lt 2 ]] || PROMPT_COMMAND=("${kept[@]}")
    fi
    if [[ $- == *i* ]]; then
        complete -r dctx
        part=$(complete -p dokploy)
        if [[ $part == *' -F __dctx_dokploy '* ]]; then
            complete -r dokploy
            [[ -z ${__dctx_inner-} ]] || eval "${part/ -F __dctx_dokploy / -F $__dctx_inner }"
        fi
    fi 2>/dev/null
    [[ -z $__dctx_calmed ]] || __dctx_restore
    # shellcheck disable=SC2046  # a list of names
    unset -f dctx $(compgen -A function __dctx_)
    # shellcheck disable=SC2046
    unset $(compgen -v __dctx_)
}
