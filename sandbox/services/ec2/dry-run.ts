import { AwsError } from '../../core/aws-error.ts';

/** Ends a dry run that everything would be well with. Comes behind every check that the operation makes. */
export function refuseDryRun({ DryRun: dryRun }: { readonly DryRun?: boolean | undefined }): void {
  if (dryRun === true)
    throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}
