"""Image sets: what a folder or an archive holds, decoded once, memory-mapped, and split."""

from supernets.images.cropping import SQUARE, Cropping
from supernets.images.decoding import DECODER, ImageError
from supernets.images.full_size import FullSizeSet, Listing, open_splits
from supernets.images.image_sets import NAMES, Images, ImageSet, Splits, iterate_batches
from supernets.images.imagenet import PROTOCOLS, class_listing, find_imagenet, wnids
from supernets.images.resized_cache import ProgressReport, load_archive, load_folder
from supernets.images.sources import Folder

__all__ = [
    "DECODER",
    "NAMES",
    "PROTOCOLS",
    "SQUARE",
    "Cropping",
    "Folder",
    "FullSizeSet",
    "ImageError",
    "ImageSet",
    "Images",
    "Listing",
    "ProgressReport",
    "Splits",
    "class_listing",
    "find_imagenet",
    "iterate_batches",
    "load_archive",
    "load_folder",
    "open_splits",
    "wnids",
]
