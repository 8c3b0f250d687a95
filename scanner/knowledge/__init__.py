"""Facts about the world, shipped as data: `data/` holds one table a file, each with source, licence and date."""
