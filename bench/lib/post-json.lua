-- wrk script: POST of about 1 KB of JSON
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"id":4711,"name":"Ada Lovelace","active":true,"score":98.6,"numbers":[1,2,3,5,8,13,21],"notes":"'
  .. string.rep("x", 900) .. '"}'
