# category: imports
# tries: to import other modules of the project
# stopped by: landlock
import proggen.clips


def attack():
    return proggen.clips.Clip is not None
