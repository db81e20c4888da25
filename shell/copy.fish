# copy.fish: a variable of the session and its copy.

# Make the global variable $argv[2] what $argv[1] is: unset; or of its value, and exported if and only if that is.
# A universal one is only covered, and comes back by itself: it may have changed meanwhile.
function __dctx_copy
    set -eg $argv[2]
    set -q $argv[1]; and not set -qU $argv[2]; or return
    set -l how -g
    set -qx $argv[1]; and set how -gx
    set $how $argv[2] $$argv[1]
end
