# category: files
# tries: to read a picture of the user
# stopped by: landlock
from PIL import Image


def attack():
    return Image.open(PICTURE_FILE).size == (2, 2)
