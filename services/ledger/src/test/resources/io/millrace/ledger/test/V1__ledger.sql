CREATE TABLE letterbox.letter (id integer PRIMARY KEY);
