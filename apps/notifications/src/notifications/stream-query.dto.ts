import { IsIn, IsOptional, IsString } from 'class-validator';

/** The query of `GET /notifications/stream`. */
export class StreamQueryDto {
  /** Beside the notifications, the figures of the node: a browser has few connections to spare, so one carries both. */
  @IsOptional()
  @IsIn(['node'], { message: 'figures must be node, or be left out' })
  readonly figures?: 'node';

  /** Where a page that was loaded anew goes on; read by Nestcast. */
  @IsOptional()
  @IsString()
  readonly lastEventId?: string;
}
