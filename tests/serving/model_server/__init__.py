"""A model server for tests, by the rules of TensorFlow Serving: same API, same flags, same errors.

    python -m tests.serving.model_server --model_config_file=serving/models.config \
        --port=8500 --rest_api_port=8501

The messages and servicers are the official ones (`tensorflow-serving-api`); models run in a TF1
session from their SavedModel, as the real server runs them. What it must answer was read from the
server's source, `tensorflow_serving/` at 2.21. It listens on loopback alone.
"""
