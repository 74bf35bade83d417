#!/bin/sh
# hardening.sh BINARY: the defences that the compiler and the linker can give are in the program.
set -u
binary=${1:?usage: hardening.sh BINARY}
bad=0
need() { # words pattern readelf-options
	if ! readelf -W "$3" "$binary" 2>/dev/null | grep -qE "$2"; then
		echo "$binary: no $1"
		bad=1
	fi
}
need 'position-independent executable' 'Type:.*DYN' -h
need 'read-only relocations' 'GNU_RELRO' -l
need 'immediate binding' '(BIND_NOW|FLAGS_1.*NOW)' -d
need 'stack protector' '__stack_chk_fail' --dyn-syms
need 'fortified library calls' '_chk(@|$| )' --dyn-syms
if readelf -W -l "$binary" | grep -E 'GNU_STACK' | grep -q 'RWE'; then
	echo "$binary: the stack is executable"
	bad=1
fi
if readelf -W -d "$binary" | grep -qE 'RPATH|RUNPATH|TEXTREL'; then
	echo "$binary: a run path or text relocations"
	bad=1
fi
exit $bad
