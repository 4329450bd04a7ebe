BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE box (
	image_id INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	class_id INTEGER NOT NULL, 
	x0 DOUBLE NOT NULL, 
	y0 DOUBLE NOT NULL, 
	x1 DOUBLE NOT NULL, 
	y1 DOUBLE NOT NULL, 
	source TEXT NOT NULL, 
	difficult BOOLEAN NOT NULL, 
	crowd BOOLEAN NOT NULL, 
	CONSTRAINT pk_box PRIMARY KEY (image_id, id), 
	CONSTRAINT ck_box_x_ordered CHECK (x0 >= 0 AND x0 < x1 AND x1 < 1000000000), 
	CONSTRAINT ck_box_y_ordered CHECK (y0 >= 0 AND y0 < y1 AND y1 < 1000000000), 
	CONSTRAINT fk_box_class_id_label_class FOREIGN KEY(class_id) REFERENCES label_class (id), 
	CONSTRAINT fk_box_image_id_image FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "box" VALUES(1,'1',0,1,0.25,0.5,20.125,30.0,'person',0,0);
INSERT INTO "box" VALUES(1,'2',1,2,3.0,4.0,5.5,6.75,'import',1,0);
INSERT INTO "box" VALUES(2,'2',0,2,3.0,4.0,5.5,6.75,'import',1,0);
INSERT INTO "box" VALUES(3,'1',1,1,0.25,0.5,20.125,30.0,'person',0,0);
INSERT INTO "box" VALUES(3,'3',0,1,1.0,1.0,39.0,29.0,'model:m1',0,1);
CREATE TABLE edit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	image_id INTEGER NOT NULL, 
	operation_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	author TEXT NOT NULL, 
	status TEXT NOT NULL, 
	boxes JSON NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT fk_edit_image_id_image FOREIGN KEY(image_id) REFERENCES image (id) ON DELETE CASCADE, 
	CONSTRAINT uq_edit_image_id_operation_id UNIQUE (image_id, operation_id), 
	CONSTRAINT uq_edit_image_id_revision UNIQUE (image_id, revision)
);
INSERT INTO "edit" VALUES(1,1,'op-1',1,'anna','labelled','[["1",1,0.25,0.5,20.125,30.0,"person",0,0]]','2026-11-25 18:46:55.557588');
INSERT INTO "edit" VALUES(2,1,'op-2',2,'person','labelled','[["1",1,0.25,0.5,20.125,30.0,"person",0,0],["2",2,3.0,4.0,5.5,6.75,"import",1,0]]','2026-11-25 18:46:55.560007');
INSERT INTO "edit" VALUES(3,2,'import',1,'import','labelled','[["2",2,3.0,4.0,5.5,6.75,"import",1,0]]','2026-11-25 18:46:55.561188');
INSERT INTO "edit" VALUES(4,3,'op-1',1,'person','labelled','[["3",1,1.0,1.0,39.0,29.0,"model:m1",0,1],["1",1,0.25,0.5,20.125,30.0,"person",0,0]]','2026-11-25 18:46:55.562149');
INSERT INTO "edit" VALUES(5,4,'op-1',1,'person','empty','[]','2026-11-25 18:46:55.563458');
INSERT INTO "edit" VALUES(6,5,'op-1',1,'person','labelled','[["1",1,0.25,0.5,20.125,30.0,"person",0,0]]','2026-11-25 18:46:55.573024');
INSERT INTO "edit" VALUES(7,5,'op-2',2,'person','unlabelled','[]','2026-11-25 18:46:55.574023');
INSERT INTO "edit" VALUES(8,5,'op-3',3,'person','empty','[]','2026-11-25 18:46:55.574799');
CREATE TABLE image (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	sort_key TEXT NOT NULL, 
	received_sha256 TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	mime TEXT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	orientation INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	split TEXT, 
	revision INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT ck_image_split_known CHECK (split IN ('train', 'val', 'test')), 
	CONSTRAINT ck_image_status_known CHECK (status IN ('unlabelled', 'labelled', 'empty')), 
	CONSTRAINT ck_image_orientation_known CHECK (orientation BETWEEN 1 AND 8), 
	CONSTRAINT ck_image_size_positive CHECK (width > 0 AND height > 0), 
	CONSTRAINT fk_image_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_image_project_id_name_received_sha256 UNIQUE (project_id, name, received_sha256)
);
INSERT INTO "image" VALUES(1,1,'street/a.png','streeta.png','e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564','e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564','image/png',40,30,1,'labelled',NULL,2,'','2026-11-25 18:46:55.462436');
INSERT INTO "image" VALUES(2,1,'o''brien; drop table box.png','o''brien; drop table box.png','4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec','4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec','image/png',40,30,1,'labelled',NULL,1,'','2026-11-25 18:46:55.485134');
INSERT INTO "image" VALUES(3,1,'Straße 7/ß.png','strasse 0017ss.png','5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b','5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b','image/png',40,30,1,'labelled',NULL,1,'','2026-11-25 18:46:55.501360');
INSERT INTO "image" VALUES(4,1,'山.png','山.png','e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986','e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986','image/png',40,30,1,'empty','test',1,'','2026-11-25 18:46:55.509961');
INSERT INTO "image" VALUES(5,1,'e.png','e.png','dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa','dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa','image/png',40,30,1,'empty','val',3,'','2026-11-25 18:46:55.529092');
INSERT INTO "image" VALUES(6,1,'f.png','f.png','7afd5f8c12a470fc8beec54206a59ed10c36232794ccbebbe396419c17a5facc','7afd5f8c12a470fc8beec54206a59ed10c36232794ccbebbe396419c17a5facc','image/png',40,30,1,'unlabelled',NULL,0,'','2026-11-25 18:46:55.549027');
CREATE TABLE label_class (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	project_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	colour TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT ck_label_class_name_present CHECK (length(name) > 0), 
	CONSTRAINT fk_label_class_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT uq_label_class_project_id_name UNIQUE (project_id, name)
);
INSERT INTO "label_class" VALUES(1,1,'bolt','#DD6600',0);
INSERT INTO "label_class" VALUES(2,1,'nut; --','#123456',1);
CREATE TABLE model (
	id TEXT NOT NULL, 
	project_id INTEGER NOT NULL, 
	run_id TEXT, 
	name TEXT NOT NULL, 
	classes JSON NOT NULL, 
	metrics JSON NOT NULL, 
	params JSON NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_model PRIMARY KEY (id), 
	CONSTRAINT fk_model_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT fk_model_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE SET NULL
);
INSERT INTO "model" VALUES('m1',1,'de36cf670d184bb683f29b0c966a86c0','Workshop quick 1','["bolt","nut; --"]','{"AP":0.5}','{"preset":"quick"}','2026-11-25 18:46:55.601524');
CREATE TABLE project (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT ck_project_name_present CHECK (length(name) > 0), 
	CONSTRAINT uq_project_name UNIQUE (name)
);
INSERT INTO "project" VALUES(1,'Workshop','2026-11-25 18:46:55.388844');
INSERT INTO "project" VALUES(2,'Empty ''one''','2026-11-25 18:46:55.401253');
CREATE TABLE run (
	id TEXT NOT NULL, 
	project_id INTEGER NOT NULL, 
	snapshot_id TEXT NOT NULL, 
	job_id TEXT, 
	params JSON NOT NULL, 
	stop TEXT, 
	outcome TEXT, 
	error TEXT, 
	phase TEXT NOT NULL, 
	step INTEGER NOT NULL, 
	total_steps INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	total_epochs INTEGER NOT NULL, 
	seconds_left DOUBLE, 
	metrics JSON NOT NULL, 
	model_id TEXT, 
	attempts INTEGER NOT NULL, 
	host TEXT, 
	pid INTEGER, 
	pid_start DOUBLE, 
	beat DOUBLE, 
	created DATETIME NOT NULL, 
	started DATETIME, 
	finished DATETIME, 
	CONSTRAINT pk_run PRIMARY KEY (id), 
	CONSTRAINT ck_run_outcome_known CHECK (outcome IN ('done', 'failed', 'cancelled', 'paused')), 
	CONSTRAINT ck_run_stop_known CHECK (stop IN ('cancel', 'pause')), 
	CONSTRAINT fk_run_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE, 
	CONSTRAINT fk_run_snapshot_id_snapshot FOREIGN KEY(snapshot_id) REFERENCES snapshot (id) ON DELETE CASCADE
);
INSERT INTO "run" VALUES('de36cf670d184bb683f29b0c966a86c0',1,'2c24fdb73070470180f14a47b3cba110',NULL,'{"preset":"quick","seed":0}',NULL,'done',NULL,'training',20,0,0,0,NULL,'{}','m1',1,'here',NULL,NULL,1.79563241559633159638e+09,'2026-11-25 18:46:55.591202','2026-11-25 18:46:55.596332','2026-11-25 18:46:55.603219');
INSERT INTO "run" VALUES('30bc9a83939046a7a05596d2627f3b26',1,'2c24fdb73070470180f14a47b3cba110',NULL,'{"preset":"best"}',NULL,NULL,NULL,'queued',0,0,0,0,NULL,'{}',NULL,1,'here',NULL,NULL,1.79563241560860347746e+09,'2026-11-25 18:46:55.608256','2026-11-25 18:46:55.608603',NULL);
CREATE TABLE run_metric (
	run_id TEXT NOT NULL, 
	step INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	value DOUBLE NOT NULL, 
	CONSTRAINT pk_run_metric PRIMARY KEY (run_id, step, name), 
	CONSTRAINT fk_run_metric_run_id_run FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
);
INSERT INTO "run_metric" VALUES('de36cf670d184bb683f29b0c966a86c0',20,'loss',0.5);
CREATE TABLE snapshot (
	id TEXT NOT NULL, 
	project_id INTEGER NOT NULL, 
	content_hash TEXT NOT NULL, 
	content JSON NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT pk_snapshot PRIMARY KEY (id), 
	CONSTRAINT fk_snapshot_project_id_project FOREIGN KEY(project_id) REFERENCES project (id) ON DELETE CASCADE
);
INSERT INTO "snapshot" VALUES('2c24fdb73070470180f14a47b3cba110',1,'42c2de8eef6c78a49486a1511121a036e16a08dc58b89e461a7d4fa950af040c','{"classes":[[1,"bolt","#DD6600",0],[2,"nut; --","#123456",1]],"images":[[1,"street/a.png","e7d10aeb79114400ca2d33f9dd31a145d34730404ed3a7d693f0623b817d5564",40,30,"train",[["1",1,0.25,0.5,20.125,30.0,"person",0,0],["2",2,3.0,4.0,5.5,6.75,"import",1,0]]],[2,"o''brien; drop table box.png","4b97d3e96e9ae63f6ee2a2cab03cd5b40409a20080878f18ca93b5b37ab010ec",40,30,"train",[["2",2,3.0,4.0,5.5,6.75,"import",1,0]]],[3,"Straße 7/ß.png","5186c18256c3a1a02ca0e861d12a51c7118c1ba31002bf8e4a2cb4d1b03d6f2b",40,30,"train",[["3",1,1.0,1.0,39.0,29.0,"model:m1",0,1],["1",1,0.25,0.5,20.125,30.0,"person",0,0]]],[4,"山.png","e8ef6e3070b7274d6cbf23748d015882ade70e25855da1d2a8e0bf2695c35986",40,30,"test",[]],[5,"e.png","dcfd6ad520dabbb9e586b74fcacbcb3083e81e40ed2cf4e5a9e7bc5cda4c02fa",40,30,"val",[]]]}','2026-11-25 18:46:55.589605');
CREATE INDEX ix_image_order ON image (project_id, sort_key, id);
CREATE INDEX ix_image_sha256 ON image (sha256);
CREATE INDEX ix_image_status_order ON image (project_id, status, sort_key, id);
CREATE INDEX ix_snapshot_content_hash ON snapshot (project_id, content_hash);
CREATE INDEX ix_box_class_id ON box (class_id);
CREATE INDEX ix_run_outcome ON run (outcome);
CREATE INDEX ix_run_project_created ON run (project_id, created);
CREATE INDEX ix_model_name ON model (name);
CREATE INDEX ix_model_project_created ON model (project_id, created);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('project',2);
INSERT INTO "sqlite_sequence" VALUES('label_class',2);
INSERT INTO "sqlite_sequence" VALUES('image',6);
INSERT INTO "sqlite_sequence" VALUES('edit',8);
COMMIT;
