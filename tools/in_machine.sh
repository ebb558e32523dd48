#!/usr/bin/env bash
# Runs a program in the machine of tools/on_machine.sh, with what is POLITE_… in the environment. CTest calls it (CMAKE_CROSSCOMPILING_EMULATOR).
#
#     tools/in_machine.sh PROGRAM ARGUMENTS...
set -euo pipefail

serial=${POLITE_MACHINE:?tools/on_machine.sh sets it}
number=$$
there=()
for name in $(compgen -e POLITE_); do
  [[ $name == POLITE_MACHINE ]] || there+=("$name=${!name}")
done

# One at a time. What a program that was given up for lost still says is passed over.
exec 4>"$serial.lock" 3<>"$serial.out"
flock 4
printf '%s env %s\n' "$number" "$(printf '%q ' "${there[@]}" "$@")" >"$serial.in"
ours=''
while IFS= read -r -t 1800 line <&3; do
  line=${line%$'\r'}
  case $line in
    "machine: begin $number") ours=1 ;;
    "machine: end $number "*) exit "${line##* }" ;;
    *) [[ -z $ours ]] || printf '%s\n' "$line" ;;
  esac
done
echo "the machine does not answer"
exit 1
