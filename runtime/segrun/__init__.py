"""Run segmentation U-Nets on aerial pictures: masks for folders, GeoTIFFs and frames."""
