# copy.zsh: what copy.sh wants of zsh.

# Status 0: the variable $1 is exported.
__dctx_exported() { [[ ${(Pt)1} == *export* && ${(Pt)1} != *(array|association)* ]] }
