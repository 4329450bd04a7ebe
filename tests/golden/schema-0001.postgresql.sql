SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE box (
    image_id integer NOT NULL,
    id text NOT NULL,
    "position" integer NOT NULL,
    class_id integer NOT NULL,
    x0 double precision NOT NULL,
    y0 double precision NOT NULL,
    x1 double precision NOT NULL,
    y1 double precision NOT NULL,
    source text NOT NULL,
    difficult boolean NOT NULL,
    crowd boolean NOT NULL,
    CONSTRAINT ck_box_x_ordered CHECK (((x0 >= (0)::double precision) AND (x0 < x1) AND (x1 < (1000000000)::double precision))),
    CONSTRAINT ck_box_y_ordered CHECK (((y0 >= (0)::double precision) AND (y0 < y1) AND (y1 < (1000000000)::double precision)))
);
CREATE TABLE edit (
    id integer NOT NULL,
    image_id integer NOT NULL,
    operation_id text NOT NULL,
    revision integer NOT NULL,
    author text NOT NULL,
    status text NOT NULL,
    boxes json NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE SEQUENCE edit_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE edit_id_seq OWNED BY edit.id;
CREATE TABLE image (
    id integer NOT NULL,
    project_id integer NOT NULL,
    name text NOT NULL,
    sort_key text NOT NULL COLLATE pg_catalog."C",
    received_sha256 text NOT NULL,
    sha256 text NOT NULL,
    mime text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    orientation integer NOT NULL,
    status text NOT NULL,
    split text,
    revision integer NOT NULL,
    note text NOT NULL,
    created timestamp with time zone NOT NULL,
    CONSTRAINT ck_image_orientation_known CHECK (((orientation >= 1) AND (orientation <= 8))),
    CONSTRAINT ck_image_size_positive CHECK (((width > 0) AND (height > 0))),
    CONSTRAINT ck_image_split_known CHECK ((split = ANY (ARRAY['train'::text, 'val'::text, 'test'::text]))),
    CONSTRAINT ck_image_status_known CHECK ((status = ANY (ARRAY['unlabelled'::text, 'labelled'::text, 'empty'::text])))
);
CREATE SEQUENCE image_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE image_id_seq OWNED BY image.id;
CREATE TABLE label_class (
    id integer NOT NULL,
    project_id integer NOT NULL,
    name text NOT NULL,
    colour text NOT NULL,
    "position" integer NOT NULL,
    CONSTRAINT ck_label_class_name_present CHECK ((length(name) > 0))
);
CREATE SEQUENCE label_class_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE label_class_id_seq OWNED BY label_class.id;
CREATE TABLE model (
    id text NOT NULL,
    project_id integer NOT NULL,
    run_id text,
    name text NOT NULL,
    classes json NOT NULL,
    metrics json NOT NULL,
    params json NOT NULL,
    created timestamp with time zone NOT NULL
);
CREATE TABLE project (
    id integer NOT NULL,
    name text NOT NULL,
    created timestamp with time zone NOT NULL,
    CONSTRAINT ck_project_name_present CHECK ((length(name) > 0))
);
CREATE SEQUENCE project_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE project_id_seq OWNED BY project.id;
CREATE TABLE run (
    id text NOT NULL,
    project_id integer NOT NULL,
    snapshot_id text NOT NULL,
    job_id text,
    params json NOT NULL,
    stop text,
    outcome text,
    error text,
    phase text NOT NULL,
    step integer NOT NULL,
    total_steps integer NOT NULL,
    epoch integer NOT NULL,
    total_epochs integer NOT NULL,
    seconds_left double precision,
    metrics json NOT NULL,
    model_id text,
    attempts integer NOT NULL,
    host text,
    pid integer,
    pid_start double precision,
    beat double precision,
    created timestamp with time zone NOT NULL,
    started timestamp with time zone,
    finished timestamp with time zone,
    CONSTRAINT ck_run_outcome_known CHECK ((outcome = ANY (ARRAY['done'::text, 'failed'::text, 'cancelled'::text, 'paused'::text]))),
    CONSTRAINT ck_run_stop_known CHECK ((stop = ANY (ARRAY['cancel'::text, 'pause'::text])))
);
CREATE TABLE run_metric (
    run_id text NOT NULL,
    step integer NOT NULL,
    name text NOT NULL,
    value double precision NOT NULL
);
CREATE TABLE snapshot (
    id text NOT NULL,
    project_id integer NOT NULL,
    content_hash text NOT NULL,
    content json NOT NULL,
    created timestamp with time zone NOT NULL
);
ALTER TABLE ONLY edit ALTER COLUMN id SET DEFAULT nextval('edit_id_seq'::regclass);
ALTER TABLE ONLY image ALTER COLUMN id SET DEFAULT nextval('image_id_seq'::regclass);
ALTER TABLE ONLY label_class ALTER COLUMN id SET DEFAULT nextval('label_class_id_seq'::regclass);
ALTER TABLE ONLY project ALTER COLUMN id SET DEFAULT nextval('project_id_seq'::regclass);
INSERT INTO alembic_version VALUES ('0001');
INSERT INTO box VALUES (1, '1', 0, 1, 0.25, 0.5, 20.125, 30, 'person', false, false);
INSERT INTO box VALUES (1, '2', 1, 2, 3, 4, 5.5, 6.75, 'import', true, false);
INSERT INTO box VALUES (2, '2', 0, 2, 3, 4, 5.5, 6.75, 'import', true, false);
INSERT INTO box VALUES (3, '3', 0, 1, 1, 1, 39, 29, 'model:m1', false, true);
INSERT INTO box VALUES (3, '1', 1, 1, 0.25, 0.5, 20.125, 30, 'person', false, false);
INSERT INTO edit VALUES (1, 1, 'op-1', 1, 'anna', 'labelled', '[["1",1,0.25,0.5,20.125,30.0,"person",0,0]]', '2026-11-25 18:47:12.885338+00');
INSERT INTO edit VALUES (2, 1, 'op-2', 2, 'person', 'labelled', '[["1",1,0.25,0.5,20.125,30.0,"person",0,0],["2",2,3.0,4.0,5.5,6.75,"import",1,0]]', '2026-11-25 18:47:12.901004+00');
INSERT INTO edit VALUES (3, 2, 'import', 1, 'import', 'labelled', '[["2",2,3.0,4.0,5.5,6.75,"import",1,0]]', '2026-11-25 18:47:12.908796+00');
INSERT INTO edit VALUES (4, 3, 'op-1', 1, 'person', 'labelled', '[["3",1,1.0,1.0,39.0,29.0,"model:m1",0,1],["1",1,0.25,0.5,20.125,30.0,"person",0,0]]', '2026-11-25 18:47:12.921214+00');
INSERT INTO edit VALUES (5, 4, 'op-1', 1, 'person', 'empty', '[]', '2026-11-25 18:47:12.92548+00');
INSERT INTO edit VALUES (6, 5, 'op-1', 1, 'person', 'labelled', '[["1",1,0.25,0.5,20.125,30.0,"person",0,0]]', '2026-11-25 18:47:12.92883+00');
INSERT INTO edit VALUES (7, 5, 'op-2', 2, 'person', 'unlabelled', '[]', '2026-11-25 18:47:12.935015+00');
INSERT INTO edit VALUES (8, 5, 'op-3', 3, 'person', 'empty', '[]', '2026-11-25 18:47:12.940358+00');
INSERT INTO image VALUES (6, 1, 'f.png', 'f.png', '7afd5f8c12a470fc8beec54206a59ed10c36232794ccbebbe396419c17a5facc', '7afd5f8c12a470fc8beec54206a59ed10c36232794ccbebbe396419c17a5facc', 'image/png', 40, 30, 1, 'unlabelled', NULL, 0, '', '2026-11-25 18:47:12.868224+00');
INSERT INTO image VALUES (1, 1, 'street/a.png', 'streeta.png', 'e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564', 'e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564', 'image/png', 40, 30, 1, 'labelled', NULL, 2, '', '2026-11-25 18:47:12.674337+00');
INSERT INTO image VALUES (2, 1, 'o''brien; drop table box.png', 'o''brien; drop table box.png', '4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec', '4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec', 'image/png', 40, 30, 1, 'labelled', NULL, 1, '', '2026-11-25 18:47:12.758072+00');
INSERT INTO image VALUES (3, 1, 'Straße 7/ß.png', 'strasse 0017ss.png', '5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b', '5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b', 'image/png', 40, 30, 1, 'labelled', NULL, 1, '', '2026-11-25 18:47:12.778606+00');
INSERT INTO image VALUES (4, 1, '山.png', '山.png', 'e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986', 'e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986', 'image/png', 40, 30, 1, 'empty', 'test', 1, '', '2026-11-25 18:47:12.814046+00');
INSERT INTO image VALUES (5, 1, 'e.png', 'e.png', 'dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa', 'dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa', 'image/png', 40, 30, 1, 'empty', 'val', 3, '', '2026-11-25 18:47:12.849933+00');
INSERT INTO label_class VALUES (1, 1, 'bolt', '#DD6600', 0);
INSERT INTO label_class VALUES (2, 1, 'nut; --', '#123456', 1);
INSERT INTO model VALUES ('m1', 1, '508106f768df49a584d49e1160d68996', 'Workshop quick 1', '["bolt","nut; --"]', '{"AP":0.5}', '{"preset":"quick"}', '2026-11-25 18:47:12.985227+00');
INSERT INTO project VALUES (1, 'Workshop', '2026-11-25 18:47:12.297344+00');
INSERT INTO project VALUES (2, 'Empty ''one''', '2026-11-25 18:47:12.330247+00');
INSERT INTO run VALUES ('508106f768df49a584d49e1160d68996', 1, '8aa174af6dcb4a17a8b568bc8f1bc4e2', NULL, '{"preset":"quick","seed":0}', NULL, 'done', NULL, 'training', 20, 0, 0, 0, NULL, '{}', 'm1', 1, 'here', NULL, NULL, 1795632432.9761481, '2026-11-25 18:47:12.968099+00', '2026-11-25 18:47:12.976148+00', '2026-11-25 18:47:12.99115+00');
INSERT INTO run VALUES ('7e3a4f121832490696788acf26386f9d', 1, '8aa174af6dcb4a17a8b568bc8f1bc4e2', NULL, '{"preset":"best"}', NULL, NULL, NULL, 'queued', 0, 0, 0, 0, NULL, '{}', NULL, 1, 'here', NULL, NULL, 1795632432.9977672, '2026-11-25 18:47:12.996921+00', '2026-11-25 18:47:12.997767+00', NULL);
INSERT INTO run_metric VALUES ('508106f768df49a584d49e1160d68996', 20, 'loss', 0.5);
INSERT INTO snapshot VALUES ('8aa174af6dcb4a17a8b568bc8f1bc4e2', 1, '42c2de8eef6c78a49486a1511121a036e16a08dc58b89e461a7d4fa950af040c', '{"classes":[[1,"bolt","#DD6600",0],[2,"nut; --","#123456",1]],"images":[[1,"street/a.png","e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564",40,30,"train",[["1",1,0.25,0.5,20.125,30.0,"person",0,0],["2",2,3.0,4.0,5.5,6.75,"import",1,0]]],[2,"o''brien; drop table box.png","4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec",40,30,"train",[["2",2,3.0,4.0,5.5,6.75,"import",1,0]]],[3,"Straße 7/ß.png","5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b",40,30,"train",[["3",1,1.0,1.0,39.0,29.0,"model:m1",0,1],["1",1,0.25,0.5,20.125,30.0,"person",0,0]]],[4,"山.png","e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986",40,30,"test",[]],[5,"e.png","dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa",40,30,"val",[]]]}', '2026-11-25 18:47:12.964308+00');
SELECT pg_catalog.setval('edit_id_seq', 8, true);
SELECT pg_catalog.setval('image_id_seq', 6, true);
SELECT pg_catalog.setval('label_class_id_seq', 2, true);
SELECT pg_catalog.setval('project_id_seq', 2, true);
ALTER TABLE ONLY alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY box
    ADD CONSTRAINT pk_box PRIMARY KEY (image_id, id);
ALTER TABLE ONLY edit
    ADD CONSTRAINT pk_edit PRIMARY KEY (id);
ALTER TABLE ONLY image
    ADD CONSTRAINT pk_image PRIMARY KEY (id);
ALTER TABLE ONLY label_class
    ADD CONSTRAINT pk_label_class PRIMARY KEY (id);
ALTER TABLE ONLY model
    ADD CONSTRAINT pk_model PRIMARY KEY (id);
ALTER TABLE ONLY project
    ADD CONSTRAINT pk_project PRIMARY KEY (id);
ALTER TABLE ONLY run
    ADD CONSTRAINT pk_run PRIMARY KEY (id);
ALTER TABLE ONLY run_metric
    ADD CONSTRAINT pk_run_metric PRIMARY KEY (run_id, step, name);
ALTER TABLE ONLY snapshot
    ADD CONSTRAINT pk_snapshot PRIMARY KEY (id);
ALTER TABLE ONLY edit
    ADD CONSTRAINT uq_edit_image_id_operation_id UNIQUE (image_id, operation_id);
ALTER TABLE ONLY edit
    ADD CONSTRAINT uq_edit_image_id_revision UNIQUE (image_id, revision);
ALTER TABLE ONLY image
    ADD CONSTRAINT uq_image_project_id_name_received_sha256 UNIQUE (project_id, name, received_sha256);
ALTER TABLE ONLY label_class
    ADD CONSTRAINT uq_label_class_project_id_name UNIQUE (project_id, name);
ALTER TABLE ONLY project
    ADD CONSTRAINT uq_project_name UNIQUE (name);
CREATE INDEX ix_box_class_id ON box USING btree (class_id);
CREATE INDEX ix_image_order ON image USING btree (project_id, sort_key, id);
CREATE INDEX ix_image_sha256 ON image USING btree (sha256);
CREATE INDEX ix_image_status_order ON image USING btree (project_id, status, sort_key, id);
CREATE INDEX ix_model_name ON model USING btree (name);
CREATE INDEX ix_model_project_created ON model USING btree (project_id, created);
CREATE INDEX ix_run_outcome ON run USING btree (outcome);
CREATE INDEX ix_run_project_created ON run USING btree (project_id, created);
CREATE INDEX ix_snapshot_content_hash ON snapshot USING btree (project_id, content_hash);
ALTER TABLE ONLY box
    ADD CONSTRAINT fk_box_class_id_label_class FOREIGN KEY (class_id) REFERENCES label_class(id);
ALTER TABLE ONLY box
    ADD CONSTRAINT fk_box_image_id_image FOREIGN KEY (image_id) REFERENCES image(id) ON DELETE CASCADE;
ALTER TABLE ONLY edit
    ADD CONSTRAINT fk_edit_image_id_image FOREIGN KEY (image_id) REFERENCES image(id) ON DELETE CASCADE;
ALTER TABLE ONLY image
    ADD CONSTRAINT fk_image_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY label_class
    ADD CONSTRAINT fk_label_class_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY model
    ADD CONSTRAINT fk_model_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY model
    ADD CONSTRAINT fk_model_run_id_run FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE SET NULL;
ALTER TABLE ONLY run_metric
    ADD CONSTRAINT fk_run_metric_run_id_run FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE;
ALTER TABLE ONLY run
    ADD CONSTRAINT fk_run_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
ALTER TABLE ONLY run
    ADD CONSTRAINT fk_run_snapshot_id_snapshot FOREIGN KEY (snapshot_id) REFERENCES snapshot(id) ON DELETE CASCADE;
ALTER TABLE ONLY snapshot
    ADD CONSTRAINT fk_snapshot_project_id_project FOREIGN KEY (project_id) REFERENCES project(id) ON DELETE CASCADE;
