import type { ProductFigures } from '../../sources/product-figures.ts';
import type { Sql, Transaction } from '../pool.ts';

export interface WorkbookUpload {
  shopId: string;
  runId: string;
  fileSha256: Buffer;
  products: readonly ProductFigures[];
}

/** Keeps what a workbook says until its run has stored it. */
export async function keepWorkbook(
  tx: Transaction,
  { shopId, runId, fileSha256, products }: WorkbookUpload,
): Promise<void> {
  const figures = products.map((product) => ({ ...product }));
  await tx`
    insert into workbook_uploads (run_id, shop_id, file_sha256, products)
    values (${runId}, ${shopId}, ${fileSha256}, ${tx.json(figures)})`;
}

/** Of a run that was made together with its workbook. */
export async function loadWorkbook(
  sql: Sql,
  runId: string,
): Promise<{ products: ProductFigures[]; uploadedAt: Date }> {
  const [row] = await sql<{ products: ProductFigures[]; uploaded_at: Date }[]>`
    select products, uploaded_at from workbook_uploads where run_id = ${runId}`;
  if (row === undefined) throw new Error(`The run ${runId} has no workbook.`);
  return { products: row.products, uploadedAt: row.uploaded_at };
}
