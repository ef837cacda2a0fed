import { AwsError } from '../../core/aws-error.ts';

/** Errors of the API Gateway V2 control plane; see "Errors" of CreateApi, CreateRoute, … in its API Reference. */
export const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message, 400);

export const conflict = (message: string): AwsError => new AwsError('ConflictException', message, 409);

export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message, 404);
