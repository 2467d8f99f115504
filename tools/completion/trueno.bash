# SPDX-License-Identifier: MIT
# Completion of trueno(1) for bash.

_trueno() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local commands='embed search info bench help version'
	local models='all-MiniLM-L6-v2'
	local words=

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$current")
		return
	fi
	case ${COMP_WORDS[1]}:$previous in
	*:-m | *:--model)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -W "$models" -- "$current"; compgen -d -- "$current")
		return ;;
	embed:-f | embed:--format) words='text jsonl npy' ;;
	search:-f | search:--format) words='text jsonl' ;;
	*:-t | *:--text | bench:--time | *:-k | *:--count) return ;;
	help:*) words=$commands ;;
	bench:bench) words='embed gpu' ;;
	bench:-d | bench:--device) words='vulkan vulkan:1 cpu' ;;
	esac
	if [[ -z $words && $current == -* ]]; then
		case ${COMP_WORDS[1]} in
		embed) words='-t --text -f --format -o --output -m --model --help' ;;
		search) words='-k --count -p --paragraphs -f --format -m --model --help' ;;
		bench) words='-m --model -d --device -t --time --help' ;;
		info) words='--help' ;;
		esac
	fi
	if [[ -n $words ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	elif [[ ${COMP_WORDS[1]} == @(embed|search) ]]; then
		compopt -o default
	fi
}

complete -F _trueno trueno
