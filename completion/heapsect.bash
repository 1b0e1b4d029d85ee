# bash completion for heapsect
_heapsect()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} options='--help --version --color'
	COMPREPLY=()

	if ((COMP_CWORD == 1)); then
		COMPREPLY=($(compgen -W "analyze summary types leaks cycles gc pools heap retained show why referrers threads diff waste sql $options" \
			-- "$current"))
		return
	fi
	case $previous in
	--fail-on)
		COMPREPLY=($(compgen -W 'refcount garbage native any new' -- "$current"))
		return ;;
	--grade)
		COMPREPLY=($(compgen -W 'proven probable unknown' -- "$current"))
		return ;;
	--color)
		COMPREPLY=($(compgen -W 'auto always never' -- "$current"))
		return ;;
	--baseline | --write-baseline)
		COMPREPLY=($(compgen -f -- "$current"))
		return ;;
	--sysroot | --debug-dir | --library-dir)
		COMPREPLY=($(compgen -d -- "$current"))
		return ;;
	--pid)
		COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$current"))
		return ;;
	--top | --depth | --type | --jobs | -j | --memory-fd)
		return ;;
	esac
	if [[ $current == -* ]]; then
		case $command in
		analyze)
			options+=' --output --pid --exe --sysroot --debug-dir --library-dir --partial'
			options+=' --no-cache --jobs --quiet --registers --memory-fd --progress-lines' ;;
		diff)
			options+=' --objects --top --json' ;;
		leaks)
			options+=' --all --fail-on --grade --baseline --write-baseline --top --json' ;;
		show)
			options+=' --scan --no-scan --top --json' ;;
		retained)
			options+=' --depth --top --json' ;;
		why)
			options+=' --type --top --json' ;;
		*)
			options+=' --top --json' ;;
		esac
		COMPREPLY=($(compgen -W "$options" -- "$current"))
		return
	fi
	# What follows the snapshot of sql is a query.
	if [[ $command == sql && " ${COMP_WORDS[*]:2:COMP_CWORD-2}" == *.db* ]]; then
		return
	fi
	compopt -o filenames 2>/dev/null
	if [[ $command == analyze ]]; then
		COMPREPLY=($(compgen -f -- "$current"))
	else
		COMPREPLY=($(compgen -d -- "$current") $(compgen -f -X '!*.heapsect.db' -- "$current"))
	fi
}
complete -F _heapsect heapsect
