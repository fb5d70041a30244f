#!/usr/bin/env python3
"""A small S3 server for tests. It computes every signature anew and refuses wrong ones.

Written from the published description of Signature Version 4, apart from the program's own signer.
Objects live in memory. Prints its port and serves until its standard input closes. Moods are set by
POST /_control, in JSON: {"mood": name, "count": requests it lasts, "method": which, "key": part of
the path}; GET /_control tells what was asked.
"""
import argparse
import base64
import datetime
import hashlib
import hmac
import http.server
import json
import secrets
import socketserver
import sys
import threading
import urllib.parse
from xml.etree import ElementTree
from xml.sax.saxutils import escape

SKEW = datetime.timedelta(minutes=15)
LEAST_PART = 5 << 20


class Refusal(Exception):
    def __init__(self, status, code, headers=()):
        super().__init__(code)
        self.status, self.code, self.headers = status, code, list(headers)


class Bucket:
    """Versions of objects, newest last, and uploads in parts."""

    def __init__(self, versioned):
        self.lock = threading.RLock()
        self.versioned = versioned
        self.keys = {}
        self.uploads = {}
        self.lifecycle = None

    def newest(self, key):
        versions = self.keys.get(key, [])
        return versions[-1] if versions and not versions[-1]["deleted"] else None

    def add(self, key, item):
        with self.lock:
            item.setdefault("deleted", False)
            item["at"] = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%S.000Z")
            item["version"] = secrets.token_hex(8) if self.versioned else "null"
            self.keys[key] = (self.keys.get(key, []) if self.versioned else []) + [item]

    def remove(self, key, version):
        with self.lock:
            if version is None and self.versioned:
                if key in self.keys:
                    self.add(key, {"deleted": True, "data": b"", "meta": {}, "tag": ""})
            elif version is None:
                self.keys.pop(key, None)
            else:
                left = [v for v in self.keys.get(key, []) if v["version"] != version]
                self.keys[key] = left
            if not self.keys.get(key, True):
                del self.keys[key]


def sign(secret, day, region, text):
    key = ("AWS4" + secret).encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def encode(text):
    return urllib.parse.quote(text, safe="-_.~")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    # --- signatures --------------------------------------------------------------------------

    def header_values(self, name):
        return ",".join(" ".join(v.split()) for v in self.headers.get_all(name, []))

    def canonical(self, names, skip, payload):
        raw_path, _, _ = self.path.partition("?")
        path = "/".join(encode(urllib.parse.unquote(p)) for p in raw_path.split("/"))
        pairs = sorted((encode(n), encode(v)) for n, v in self.query if n != skip)
        query = "&".join(f"{n}={v}" for n, v in pairs)
        headers = "".join(f"{n}:{self.header_values(n)}\n" for n in names)
        return "\n".join([self.command, path, query, headers, ";".join(names), payload])

    def check_signature(self):
        given = dict(self.query)
        if "X-Amz-Signature" in given:
            return self.check_presigned(given)
        words = self.headers.get("Authorization", "").replace(",", " ").split()
        if not words or words[0] != "AWS4-HMAC-SHA256":
            raise Refusal(403, "AccessDenied")
        parts = dict(word.split("=", 1) for word in words[1:])
        names = parts["SignedHeaders"].split(";")
        required = {"host", "x-amz-date", "x-amz-content-sha256"}
        required |= {h.lower() for h in self.headers if h.lower().startswith("x-amz-")}
        if not required <= set(names) or names != sorted(names):
            raise Refusal(403, "SignatureDoesNotMatch")
        stamp = self.headers["X-Amz-Date"]
        self.check_time(stamp, SKEW, SKEW)
        if parts["Credential"].split("/")[0] == self.server.key_id:
            self.check_token(self.headers.get("X-Amz-Security-Token"))
        payload = self.headers["x-amz-content-sha256"]
        self.compare(parts["Credential"], names, None, payload, stamp, parts["Signature"])
        return payload

    def check_presigned(self, given):
        stamp = given["X-Amz-Date"]
        lifetime = int(given["X-Amz-Expires"])
        if not 1 <= lifetime <= 604800:
            raise Refusal(400, "AuthorizationQueryParametersError")
        self.check_time(stamp, datetime.timedelta(seconds=lifetime), SKEW)
        self.check_token(given.get("X-Amz-Security-Token"))
        names = given["X-Amz-SignedHeaders"].split(";")
        # What decides over the object may not be added by whoever holds the address.
        extra = {h.lower() for h in self.headers if h.lower().startswith("x-amz-")}
        if "host" not in names or not extra <= set(names):
            raise Refusal(403, "SignatureDoesNotMatch")
        self.compare(given["X-Amz-Credential"], names, "X-Amz-Signature", "UNSIGNED-PAYLOAD",
                     stamp, given["X-Amz-Signature"])
        return "UNSIGNED-PAYLOAD"

    def check_token(self, token):
        if token != self.server.token:
            raise Refusal(403, "InvalidToken" if token else "AccessDenied")

    def check_time(self, stamp, after, before):
        made = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ")
        now = datetime.datetime.utcnow()
        if now > made + after:
            raise Refusal(403, "AccessDenied" if after != SKEW else "RequestTimeTooSkewed")
        if now < made - before:
            raise Refusal(403, "RequestTimeTooSkewed")

    def compare(self, credential, names, skip, payload, stamp, given):
        key_id, day, region, service, end = credential.split("/")
        if key_id != self.server.key_id:
            raise Refusal(403, "InvalidAccessKeyId")
        if (day, service, end) != (stamp[:8], "s3", "aws4_request"):
            raise Refusal(403, "SignatureDoesNotMatch")
        if region != self.server.region:
            raise Refusal(400, "AuthorizationHeaderMalformed")
        digest = hashlib.sha256(self.canonical(names, skip, payload).encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{day}/{region}/s3/aws4_request\n{digest}"
        expected = sign(self.server.secret, day, region, text)
        if not hmac.compare_digest(expected, given):
            raise Refusal(403, "SignatureDoesNotMatch")

    # --- one request -------------------------------------------------------------------------

    def handle_any(self):
        raw_path, _, raw_query = self.path.partition("?")
        self.query = urllib.parse.parse_qsl(raw_query, keep_blank_values=True)
        if raw_path == "/_control":
            return self.control()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urllib.parse.unquote(raw_path)
        host = self.headers.get("Host", "").split(":")[0]
        if host.startswith(self.server.bucket_name + "."):
            bucket, key = self.server.bucket_name, path[1:]
        else:
            bucket, _, key = path[1:].partition("/")
        mood = self.server.take_mood(self.command, path)
        self.server.note({"method": self.command, "path": path, "query": dict(self.query),
                          "headers": {k.lower(): v for k, v in self.headers.items()},
                          "bytes": len(body), "mood": mood})
        try:
            if mood == "slow_down":
                raise Refusal(503, "SlowDown")
            if mood == "internal":
                raise Refusal(500, "InternalError")
            if mood == "full":
                raise Refusal(507, "QuotaExceeded")
            if mood == "expired_token":
                raise Refusal(400, "ExpiredToken")
            if mood == "hang":
                self.server.stopping.wait(30)
                self.close_connection = True
                return None
            payload = self.check_signature()
            if bucket != self.server.bucket_name:
                raise Refusal(404, "NoSuchBucket")
            digest = hashlib.sha256(body)
            if payload != "UNSIGNED-PAYLOAD" and digest.hexdigest() != payload:
                raise Refusal(400, "XAmzContentSHA256Mismatch")
            checksum = self.headers.get("x-amz-checksum-sha256")
            if checksum and base64.b64encode(digest.digest()).decode() != checksum:
                raise Refusal(400, "BadDigest")
            return self.route(key, body, mood)
        except Refusal as refusal:
            text = f"<?xml version='1.0'?><Error><Code>{refusal.code}</Code></Error>"
            return self.reply(refusal.status, text.encode(), refusal.headers, mood)

    def reply(self, status, body=b"", headers=(), mood=None):
        if mood == "lose_reply":  # done, but nobody hears of it
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if mood == "cut":
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        if mood == "wrong_bytes" and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def control(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "GET":
            return self.reply(200, self.server.report().encode())
        asked = json.loads(body)
        if "remove" in asked:
            self.server.bucket.keys.pop(asked["remove"])
        elif "calm" in asked:
            self.server.moods.clear()
        elif "corrupt" in asked:  # somebody changes an object behind our back
            item = self.server.bucket.newest(asked["corrupt"])
            data = item["data"]
            item["data"] = bytes([data[0] ^ 1]) + data[1:]
        else:
            self.server.set_mood(asked)
        return self.reply(200)

    def route(self, key, body, mood):
        asked = dict(self.query)
        bucket = self.server.bucket
        if not key:
            return self.route_bucket(asked, body, mood)
        if self.command in ("GET", "HEAD"):
            return self.get(bucket, key, asked, mood)
        if self.command == "PUT" and "uploadId" in asked:
            return self.put_part(bucket, asked, body, mood)
        if self.command == "PUT":
            return self.put(bucket, key, body, mood)
        if self.command == "POST" and "uploads" in asked:
            return self.open_upload(bucket, key, mood)
        if self.command == "POST" and "uploadId" in asked:
            return self.complete(bucket, key, asked["uploadId"], body, mood)
        if self.command == "DELETE" and "uploadId" in asked:
            bucket.uploads.pop(asked["uploadId"], None)
            return self.reply(204, mood=mood)
        if self.command == "DELETE":
            bucket.remove(key, asked.get("versionId"))
            return self.reply(204, mood=mood)
        raise Refusal(405, "MethodNotAllowed")

    def route_bucket(self, asked, body, mood):
        bucket = self.server.bucket
        if "lifecycle" in asked and self.command == "PUT":
            ElementTree.fromstring(body)
            bucket.lifecycle = body
            return self.reply(200, mood=mood)
        if "lifecycle" in asked and self.command == "GET":
            if bucket.lifecycle is None:
                raise Refusal(404, "NoSuchLifecycleConfiguration")
            return self.reply(200, bucket.lifecycle, mood=mood)
        if self.command == "GET" and "versions" in asked:
            if self.server.no_versions:
                raise Refusal(501, "NotImplemented")
            return self.list_versions(bucket, asked, mood)
        if self.command == "GET" and "uploads" in asked:
            return self.list_uploads(bucket, asked, mood)
        if self.command == "GET" and asked.get("list-type") == "2":
            return self.list_objects(bucket, asked, mood)
        raise Refusal(405, "MethodNotAllowed")

    # --- objects -----------------------------------------------------------------------------

    def metadata(self):
        keep = ("content-type", "x-amz-server-side-encryption",
                "x-amz-server-side-encryption-aws-kms-key-id")
        return {n.lower(): v for n, v in self.headers.items()
                if n.lower() in keep or n.lower().startswith("x-amz-meta-")}

    def check_absent(self, bucket, key):
        if "If-None-Match" not in self.headers:
            return
        if self.server.conditional == "refused":
            raise Refusal(501, "NotImplemented")
        if self.server.conditional == "known" and bucket.newest(key):
            raise Refusal(412, "PreconditionFailed")

    def put(self, bucket, key, body, mood):
        with bucket.lock:
            self.check_absent(bucket, key)
            source = self.headers.get("x-amz-copy-source")
            if source:
                name = urllib.parse.unquote(source).removeprefix("/").partition("/")[2]
                found = bucket.newest(name)
                if not found:
                    raise Refusal(404, "NoSuchKey")
                bucket.add(key, {"data": found["data"], "meta": dict(found["meta"]),
                                 "tag": found["tag"], "checksum": found.get("checksum")})
                return self.reply(200, b"<CopyObjectResult/>", mood=mood)
            tag = '"' + hashlib.md5(body).hexdigest() + '"'
            bucket.add(key, {"data": body, "meta": self.metadata(), "tag": tag,
                             "checksum": self.headers.get("x-amz-checksum-sha256")})
        return self.reply(200, headers=[("ETag", tag)], mood=mood)

    def get(self, bucket, key, asked, mood):
        item = bucket.newest(key)
        if not item:
            raise Refusal(404, "NoSuchKey")
        if self.headers.get("If-Match", item["tag"]) != item["tag"]:
            raise Refusal(412, "PreconditionFailed")
        data = item["data"]
        headers = [("ETag", item["tag"]), ("Accept-Ranges", "bytes")]
        headers += [(n, asked.get("response-" + n, v)) for n, v in item["meta"].items()]
        if "response-content-disposition" in asked:
            headers.append(("Content-Disposition", asked["response-content-disposition"]))
        wanted = self.headers.get("Range", "")
        if item.get("checksum") and not wanted and "x-amz-checksum-mode" in self.headers:
            headers.append(("x-amz-checksum-sha256", item["checksum"]))
        if self.command == "HEAD":
            return self.reply(200, headers=headers + [("Content-Length", str(len(data)))],
                              mood=mood)
        if not wanted.startswith("bytes="):
            return self.reply(200, data, headers, mood)
        first, last = wanted[6:].split("-")
        first, last = int(first), min(int(last or len(data)), len(data) - 1)
        if first >= len(data):
            raise Refusal(416, "InvalidRange")
        headers.append(("Content-Range", f"bytes {first}-{last}/{len(data)}"))
        return self.reply(206, data[first:last + 1], headers, mood)

    # --- uploads in parts --------------------------------------------------------------------

    def open_upload(self, bucket, key, mood):
        upload = secrets.token_hex(8)
        now = datetime.datetime.utcnow().strftime("%Y-%m-%dT%H:%M:%S.000Z")
        with bucket.lock:
            bucket.uploads[upload] = {"key": key, "meta": self.metadata(), "parts": {}, "at": now}
        text = (f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId>"
                "</InitiateMultipartUploadResult>")
        return self.reply(200, text.encode(), mood=mood)

    def put_part(self, bucket, asked, body, mood):
        with bucket.lock:
            upload = bucket.uploads.get(asked["uploadId"])
            if not upload:
                raise Refusal(404, "NoSuchUpload")
            tag = '"' + hashlib.md5(body).hexdigest() + '"'
            upload["parts"][int(asked["partNumber"])] = (tag, body)
        return self.reply(200, headers=[("ETag", tag)], mood=mood)

    def complete(self, bucket, key, upload_id, body, mood):
        with bucket.lock:
            upload = bucket.uploads.get(upload_id)
            if not upload:
                raise Refusal(404, "NoSuchUpload")
            self.check_absent(bucket, key)
            data = b""
            parts = ElementTree.fromstring(body).findall("Part")
            for index, part in enumerate(parts):
                tag, piece = upload["parts"].get(int(part.findtext("PartNumber")), ("", b""))
                checksum = base64.b64encode(hashlib.sha256(piece).digest()).decode()
                if part.findtext("ETag") != tag or part.findtext("ChecksumSHA256") != checksum:
                    raise Refusal(400, "InvalidPart")
                if index + 1 < len(parts) and len(piece) < self.server.least_part:
                    raise Refusal(400, "EntityTooSmall")
                data += piece
            tag = '"' + hashlib.md5(data).hexdigest() + f'-{len(parts)}"'
            bucket.add(key, {"data": data, "meta": upload["meta"], "tag": tag})
            del bucket.uploads[upload_id]
        return self.reply(200, b"<CompleteMultipartUploadResult/>", mood=mood)

    # --- listings ----------------------------------------------------------------------------

    @staticmethod
    def shown(key):
        return escape(urllib.parse.quote_plus(key, safe="/"))

    def list_objects(self, bucket, asked, mood):
        limit = min(int(asked.get("max-keys", 1000)), self.server.page)
        with bucket.lock:
            keys = sorted((k for k in bucket.keys if bucket.newest(k)
                           and k.startswith(asked.get("prefix", ""))
                           and k.encode() > asked.get("start-after", "").encode()),
                          key=str.encode)
            items = "".join(
                f"<Contents><Key>{self.shown(k)}</Key>"
                f"<LastModified>{bucket.newest(k)['at']}</LastModified>"
                f"<Size>{len(bucket.newest(k)['data'])}</Size></Contents>" for k in keys[:limit])
        more = str(len(keys) > limit).lower()
        text = (f"<ListBucketResult>{items}<IsTruncated>{more}</IsTruncated></ListBucketResult>")
        return self.reply(200, text.encode(), mood=mood)

    def list_versions(self, bucket, asked, mood):
        with bucket.lock:
            rows = [(k, v) for k in sorted(bucket.keys, key=str.encode)
                    if k.startswith(asked.get("prefix", "")) for v in reversed(bucket.keys[k])]
        start = 0
        if "key-marker" in asked:
            passed = [i for i, (k, v) in enumerate(rows)
                      if k < asked["key-marker"] or (k == asked["key-marker"]
                                                     and v["version"] == asked["version-id-marker"])]
            start = passed[-1] + 1 if passed else 0
        page = rows[start:start + self.server.page]
        items = ""
        for key, version in page:
            name = "DeleteMarker" if version["deleted"] else "Version"
            items += (f"<{name}><Key>{self.shown(key)}</Key>"
                      f"<VersionId>{version['version']}</VersionId></{name}>")
        more = start + len(page) < len(rows)
        if more:
            items += (f"<NextKeyMarker>{self.shown(page[-1][0])}</NextKeyMarker>"
                      f"<NextVersionIdMarker>{page[-1][1]['version']}</NextVersionIdMarker>")
        text = (f"<ListVersionsResult>{items}<IsTruncated>{str(more).lower()}</IsTruncated>"
                "</ListVersionsResult>")
        return self.reply(200, text.encode(), mood=mood)

    def list_uploads(self, bucket, asked, mood):
        with bucket.lock:
            items = "".join(
                f"<Upload><Key>{self.shown(u['key'])}</Key><UploadId>{i}</UploadId>"
                f"<Initiated>{u['at']}</Initiated></Upload>"
                for i, u in bucket.uploads.items() if u["key"].startswith(asked.get("prefix", "")))
        text = (f"<ListMultipartUploadsResult>{items}<IsTruncated>false</IsTruncated>"
                "</ListMultipartUploadsResult>")
        return self.reply(200, text.encode(), mood=mood)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, options):
        super().__init__(("127.0.0.1", options.port), Handler)
        self.bucket = Bucket(options.versioned)
        self.bucket_name, self.region = options.bucket, options.region
        self.key_id, self.secret = options.key_id, options.secret
        self.token = options.token
        self.conditional, self.no_versions = options.conditional, options.no_versions
        self.page, self.least_part = options.page, options.least_part
        self.moods, self.seen = [], []
        self.lock, self.stopping = threading.Lock(), threading.Event()

    def set_mood(self, asked):
        with self.lock:
            self.moods.append(asked)

    def take_mood(self, method, path):
        with self.lock:
            for mood in self.moods:
                if mood["count"] > 0 and mood.get("method", method) == method \
                        and mood.get("key", "") in path:
                    mood["count"] -= 1
                    return mood["mood"]
        return None

    def note(self, request):
        with self.lock:
            self.seen.append(request)

    def report(self):
        with self.lock, self.bucket.lock:
            objects = {k: {"bytes": len(v[-1]["data"]), "meta": v[-1]["meta"],
                           "versions": len(v), "text": v[-1]["data"][:4096].decode("latin-1"),
                           "parts": "-" in v[-1]["tag"]}
                       for k, v in self.bucket.keys.items()}
            lifecycle = self.bucket.lifecycle
            return json.dumps({"requests": self.seen, "objects": objects,
                               "uploads": len(self.bucket.uploads),
                               "lifecycle": lifecycle.decode() if lifecycle else None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--bucket", default="calls")
    parser.add_argument("--region", default="ap-south-1")
    parser.add_argument("--key-id", default="AKIDTEST")
    parser.add_argument("--secret", default="test-secret")
    parser.add_argument("--token", default=None, help="session token that is asked for")
    parser.add_argument("--versioned", action="store_true")
    parser.add_argument("--no-versions", action="store_true", help="lists of versions: 501")
    parser.add_argument("--conditional", choices=("known", "ignored", "refused"), default="known")
    parser.add_argument("--page", type=int, default=1000, help="entries of a listing's page")
    parser.add_argument("--least-part", type=int, default=LEAST_PART)
    server = Server(parser.parse_args())
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    server.stopping.set()


if __name__ == "__main__":
    main()
