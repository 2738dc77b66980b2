"""Train segmentation U-Nets on aerial pictures."""
