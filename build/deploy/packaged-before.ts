import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type PackageReport, REPORT_FILE } from '../package-report.ts';
import { DeployError } from './deploy-error.ts';

const ADVICE = 'Package it again: npm run package -- --stage STAGE --region REGION --out FOLDER.';

/**
 * Checks that packaging wrote that folder, for this stage and Region, and found no fault. Throws `DeployError` where it did not,
 * or was interrupted.
 */
export function checkPackaged(
  folder: string,
  { stage, region }: { readonly stage: string; readonly region: string },
): void {
  const file = path.join(folder, REPORT_FILE);
  if (!existsSync(file))
    throw new DeployError(`npm run package has not written ${folder} to its end`, ADVICE);
  // Only packaging writes there.
  const made: PackageReport = JSON.parse(readFileSync(file, 'utf8'));
  if (made.stage !== stage || made.region !== region)
    throw new DeployError(
      `${folder} was packaged for ${made.stage} in ${made.region}, and not for ${stage} in ${region}`,
      ADVICE,
    );
  if (made.faults.length > 0)
    throw new DeployError(
      `${folder} must not be deployed:${made.faults.map((one) => `\n  ${one}`).join('')}`,
      ADVICE,
    );
}
