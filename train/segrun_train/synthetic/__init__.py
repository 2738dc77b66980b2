"""Drawn aerial scenes with masks: numpy and opencv alone (rasterio where a GeoTIFF is written)."""

from segrun_train.synthetic.geotiff import write_scene_geotiff
from segrun_train.synthetic.pairs import write_scene_pairs
from segrun_train.synthetic.scene import Scene, draw_scene
from segrun_train.synthetic.style import STYLES
from segrun_train.synthetic.world import CLASS_NAMES

__all__ = ["CLASS_NAMES", "STYLES", "Scene", "draw_scene", "write_scene_geotiff", "write_scene_pairs"]
