/** Where the ONNX file of a converted checkpoint lies in the project, and what is known of a model beside its name. */
export const modelFileColumns = `
  ALTER TABLE model ADD COLUMN file TEXT;
  ALTER TABLE model ADD COLUMN file_hash TEXT;
  ALTER TABLE model ADD COLUMN card TEXT NOT NULL DEFAULT '{}';
`;
