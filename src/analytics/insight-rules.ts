/** A stock that lasts longer, in days, is slow. */
export const slowDays = 90;

/** Fewer days tell nothing of what is usual. */
export const fewestDays = 14;

/** From this score on a day is unusual, as Iglewicz and Hoaglin propose for outliers. */
export const unusualScore = '3.5';
