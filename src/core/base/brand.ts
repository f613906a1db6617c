declare const brand: unique symbol

/** A `T` that is not any other `T`: costs nothing at run time, keeps page numbers apart from frame numbers. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
