export function judgeAudit(answer: string | undefined): { line: string; failed: boolean };
