CREATE TABLE letterbox.letter (id integer PRIMARY KEY);
CREATE TABLE letterbox.position (topic text, partition integer, topic_id text, next_offset bigint NOT NULL, PRIMARY KEY (topic, partition));
