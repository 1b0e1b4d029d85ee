ATTACH :path AS snapshot;
