import type { Grade } from '../types/recommendation.ts';

const GRADES: readonly Grade[] = ['low', 'medium', 'high'];
const rank = (grade: Grade): number => GRADES.indexOf(grade);

export const higherGrade = (a: Grade, b: Grade): Grade => (rank(a) < rank(b) ? b : a);
export const lowerGrade = (a: Grade, b: Grade): Grade => (rank(a) < rank(b) ? a : b);
