def test_x(server):
    print(server.port, server.rest_api_port)
    import urllib.request, json
    u=f"http://127.0.0.1:{server.rest_api_port}/v1/models/"
    for p in ("tv_script","tv_script/labels/stable/metadata"):
        print(urllib.request.urlopen(u+p).read().decode()[:600])
    for m,d in (("tv_script",{"instances":["Ada: Is",""]}),("translation",{"signature_name":"align","instances":["The cat"]}),("word2vec",{"inputs":["the","soup"]})):
        print(urllib.request.urlopen(urllib.request.Request(u+m+":predict",json.dumps(d).encode())).read().decode()[:500])
    print(urllib.request.urlopen(f"http://127.0.0.1:{server.rest_api_port}/monitoring/prometheus/metrics").read().decode()[:400])
