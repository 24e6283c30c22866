import { TidelineError } from '../../errors.ts';

/** Something wrong at a place of an uploaded file. */
export interface WorkbookFault {
  /** Such as `file`, or `row 12, GMV`. */
  path: string;
  message: string;
}

/** The uploaded file is not what can be read. Whoever uploaded it has to choose another one. */
export class WorkbookError extends TidelineError {
  readonly faults: readonly WorkbookFault[];

  constructor(faults: readonly WorkbookFault[], cause?: unknown) {
    super({
      code: 'workbook-unreadable',
      message: `The workbook cannot be imported: ${faults.map(({ path, message }) => `${path} ${message}`).join(' ')}`,
      actor: 'user',
      action: 'Download the product analytics of one day once more, and upload the file as it came.',
      cause,
    });
    this.name = 'WorkbookError';
    this.faults = faults;
  }
}

/** A fault of the file as a whole. */
export function unreadable(message: string, cause?: unknown): WorkbookError {
  return new WorkbookError([{ path: 'file', message }], cause);
}
