INSERT INTO letterbox.letter SELECT count(*) FROM letterbox.letter;
