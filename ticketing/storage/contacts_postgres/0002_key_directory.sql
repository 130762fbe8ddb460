-- Which key directory goes with this database: the mark that lies in it. On SQLite both lie on one machine.
CREATE TABLE key_directory (
    id bigint PRIMARY KEY CHECK (id = 1),
    mark text COLLATE "C" NOT NULL
);
