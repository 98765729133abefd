# Completion of pexec for fish. Options and what they take are from pexec's table of options.

# Prints the command and what follows it, up to the word that is completed. Fails while there is no command.
function __pexec_command
    set -l with_argument @with-argument@
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l word $words[1]
        set -e words[1]
        switch $word
            case --
                set -q words[1]
                and printf '%s\n' $words
                return 0
            case '--*=*'
            case '--*'
                contains -- $word $with_argument
                and set -e words[1]
            case '-?*'
                set -l letters (string split '' -- (string sub -s 2 -- $word))
                while set -q letters[1]
                    if contains -- -$letters[1] $with_argument
                        test (count $letters) -eq 1
                        and set -e words[1]
                        break
                    end
                    set -e letters[1]
                end
            case '*'
                printf '%s\n' $word $words
                return 0
        end
    end
    return 1
end

function __pexec_before_command
    not __pexec_command >/dev/null
end

# Prints what --ctl names. Fails where it is not there.
function __pexec_socket
    set -l words (commandline -opc)
    set -l place (contains -i -- --ctl $words)
    and set -q words[(math $place + 1)]
    and echo $words[(math $place + 1)]
    or string replace -rf -- '^--ctl=' '' $words
end

# The jobs of the run that listens on the socket, by number, with their items: __pexec_jobs SOCKET
function __pexec_jobs
    set -l program (commandline -opc)[1]
    for line in ($program --ctl $argv[1] jobs 2>/dev/null)
        set -l columns (string split \t -- $line)
        printf '%s\t%s\n' $columns[1] $columns[5]
    end
end

# SIGNAL,MS,SIGNAL,MS...: the last one, if it is a signal.
function __pexec_signals
    test (math (string replace -ra '[^,]' '' -- (commandline -ct) | string length) % 2) -eq 0
    or return
    set -l before (string replace -rf '^(.*,)?[^,]*$' '$1' -- (commandline -ct))
    __fish_make_completion_signals
    for signal in $__kill_signals
        echo $before(string split ' ' -- $signal)[2],
    end
end

# The command, and what stands behind it.
function __pexec_operands
    set -l words (__pexec_command)
    set -l token (commandline -ct)
    set -l socket (__pexec_socket)
    if test (commandline -opc)[-1] = --help
        printf '%s\n' @topics@ @names@
    else if not set -q words[1]
        set -q socket[1]
        and printf '%s\tcommand of --ctl\n' @ctl-commands@
        __fish_complete_command
    else if string match -qr '^::::?\+?$' -- $words
        # Items are files more often than not.
        __fish_complete_path $token
    else if set -q socket[1]; and test $words[1] = kill
        __pexec_jobs $socket
    else if set -q socket[1]; and test $words[1] = status
        echo -- --json
    else
        complete -C (string join ' ' -- (string escape -- $words) $token)
    end
end

complete -c pexec -f -a '(__pexec_operands)'
@fish@
