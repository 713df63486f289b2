import packageJson from '../../package.json' with { type: 'json' };

/** The program's version, as recorded with what it makes. */
export const programVersion: string = packageJson.version;
