import { v7 } from 'uuid'

/** A new sortable id (UUID version 7, RFC 9562 §5.7). */
export const newId = (): string => v7()
