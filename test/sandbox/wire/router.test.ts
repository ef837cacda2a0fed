import { beforeAll, describe, expect, it } from '@jest/globals';
import { apiOf } from '../../../sandbox/wire/api.ts';
import { Router } from '../../../sandbox/wire/router.ts';

let s3: Router;
let lambda: Router;

beforeAll(async () => {
  s3 = new Router(await apiOf('s3'), 'Bucket');
  lambda = new Router(await apiOf('lambda'));
});

function route(router: Router, line: string, headers: Readonly<Record<string, string>> = {}): string | undefined {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  const bare = { rawQuery: query, rawHeaders: [], body: Buffer.alloc(0) };
  const match = router.match({ ...bare, method, path, query: new URLSearchParams(query), headers });
  return match && [match.operation.name, ...Object.values(match.labels)].join(' ');
}

describe('S3 requests in path style', () => {
  it.each([
    ['GET /', 'ListBuckets'],
    ['GET /b', 'ListObjects b'],
    ['GET /b/', 'ListObjects b'],
    ['GET /b?list-type=2&prefix=x', 'ListObjectsV2 b'],
    ['GET /b?location', 'GetBucketLocation b'],
    ['GET /b?lifecycle', 'GetBucketLifecycleConfiguration b'],
    ['PUT /b', 'CreateBucket b'],
    ['HEAD /b', 'HeadBucket b'],
    ['POST /b?delete', 'DeleteObjects b'],
    ['GET /b/k', 'GetObject b k'],
    ['GET /b/k?x-id=GetObject', 'GetObject b k'],
    ['GET /b/a//c/%C3%BC%2Fd', 'GetObject b a//c/ü/d'],
    ['GET /b/k?acl', 'GetObjectAcl b k'],
    ['PUT /b/k', 'PutObject b k'],
    ['PUT /b/k?partNumber=1&uploadId=u', 'UploadPart b k'],
    ['POST /b/k?uploads', 'CreateMultipartUpload b k'],
    ['POST /b/k?uploadId=u', 'CompleteMultipartUpload b k'],
    ['DELETE /b/k', 'DeleteObject b k'],
    ['DELETE /b/k?uploadId=u', 'AbortMultipartUpload b k'],
  ])('%s is %s', (line, expected) => expect(route(s3, line)).toBe(expected));

  it('tells a copy by its source', () => {
    expect(route(s3, 'PUT /b/k', { 'x-amz-copy-source': '/b/other' })).toBe('CopyObject b k');
  });

  it('refuses a path that is not encoded properly', () => {
    expect(() => route(s3, 'GET /b/%zz')).toThrow("Couldn't parse the specified URI.");
  });

  it('knows no other', () => expect(route(s3, 'PATCH /b/k')).toBeUndefined());
});

describe('Lambda requests', () => {
  it.each([
    ['POST /2015-03-31/functions/arn%3Aaws%3Alambda/invocations', 'Invoke arn:aws:lambda'],
    ['GET /2015-03-31/functions/f', 'GetFunction f'],
    ['GET /2015-03-31/functions', 'ListFunctions'],
    ['GET /nowhere', undefined],
  ])('%s is %s', (line, expected) => expect(route(lambda, line)).toBe(expected));
});
