ATTACH :path AS old;
