# To be sourced: drawing scenes that later steps find again.

# An interrupted drawing leaves FOLDER.part, which is drawn again; FOLDER itself is whole or absent.
draw_once() { # FOLDER OPTION...
	[ -d "$1" ] && return
	segrun scenes --out "$1.part" --overwrite "${@:2}"
	mv "$1.part" "$1"
}
