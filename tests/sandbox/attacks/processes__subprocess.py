# category: processes
# tries: to run another program
# stopped by: seccomp uid
# stopped by, ordinary user: always
import subprocess


def attack():
    return subprocess.run(["/bin/sh", "-c", "exit 7"]).returncode == 7
