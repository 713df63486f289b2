/**
 * What to say of an answer of `npm audit --json`, and whether it is to fail: known defects called high or critical do; that nobody
 * answered does not.
 * @param {string | undefined} answer what npm wrote, or undefined where it could not be started
 * @returns {{ line: string, failed: boolean }}
 */
export function judgeAudit(answer) {
  let report;
  try {
    report = JSON.parse(answer ?? '');
  } catch {
    return notRun('npm gave no answer');
  }
  const counts = report.metadata?.vulnerabilities;
  if (report.auditReportVersion !== 2 || counts === undefined) return notRun(report.message ?? 'npm gave no report');
  const found = Object.entries(report.vulnerabilities ?? {}).map(([name, { severity }]) => `${name} (${severity})`);
  if (found.length === 0) return { line: 'npm audit: no known defect in the packages that are shipped', failed: false };
  const failed = counts.high + counts.critical > 0;
  return { line: `npm audit: known defects in ${found.join(', ')}: see \`npm audit --omit=dev\``, failed };
}

function notRun(reason) {
  return { line: `npm audit DID NOT RUN (${reason}): known defects of packages are not looked for here`, failed: false };
}
