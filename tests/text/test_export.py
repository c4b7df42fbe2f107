"""Text in an export, run the way a model server does: in a session of a clean process."""

import json
import subprocess
import sys

import tensorflow as tf

from tfseq.text.characters import CharacterTokenizer
from tfseq.text.subwords import SubwordTokenizer
from tfseq.text.vocabulary import Vocabulary
from tfseq.text.words import WordTokenizer

TEXTS = ['Moe: "Hey!"', "", "hey moe, été"]
RUN_IN_A_SESSION = """
import json, sys
import tensorflow as tf
if sys.argv[3] == "with tensorflow_text":
    import tensorflow_text
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    export = tf.compat.v1.saved_model.load(session, ["serve"], sys.argv[1])
    signature = export.signature_def["serving_default"]
    outputs = {key: value.name for key, value in signature.outputs.items()}
    answer = session.run(outputs, {signature.inputs["texts"].name: json.loads(sys.argv[2])})
print(json.dumps({k: v.tolist() for k, v in answer.items()}, default=lambda s: s.decode()))
"""


class There(tf.Module):
    """Ids of a text by two tokenizers with a vocabulary each, and the text written from them."""

    def __init__(self, first, second, words, others):
        super().__init__()
        self.words, self.others = words, others

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="texts")])
        def serve(texts):
            ids, other_ids = words.ids(first.tokenize(texts)), others.ids(second.tokenize(texts))
            return {
                "ids": ids.to_tensor(),
                "other_ids": other_ids.to_tensor(),
                "text": first.detokenize(words.tokens(ids)),
                "other_text": second.detokenize(others.tokens(other_ids)),
            }

        self.serve = serve


def answers(module, path, libraries=""):
    """What the export answers in a session of a clean process, and what the module answers here."""
    tf.saved_model.save(module, path, signatures=module.serve)
    assert not list((path / "assets").glob("*"))
    ran = subprocess.run(
        [sys.executable, "-c", RUN_IN_A_SESSION, path, json.dumps(TEXTS), libraries],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    here = {
        key: [value.decode() if isinstance(value, bytes) else value for value in tensor.tolist()]
        for key, tensor in ((k, v.numpy()) for k, v in module.serve(tf.constant(TEXTS)).items())
    }
    return json.loads(ran.stdout), here


def test_two_vocabularies_in_one_export_stay_two_in_a_session(tmp_path):
    words = Vocabulary(["hey", "moe:", "moe", '"', "!"])
    characters = Vocabulary(["é", "h", "e", "y", " "])
    module = There(WordTokenizer(), CharacterTokenizer(), words, characters)
    there, here = answers(module, tmp_path)
    assert there == here
    assert there["ids"] == [[5, 7, 4, 8, 7], [0, 0, 0, 0, 0], [4, 6, 1, 1, 0]]
    assert there["other_ids"][2][:5] == [5, 6, 7, 8, 1]
    assert there["text"] == ['moe: "hey!"', "", "hey moe <unk> <unk>"]


def test_subwords_run_in_a_session_that_has_tensorflow_text(tmp_path):
    subwords = SubwordTokenizer.learn(TEXTS, 80)
    pieces = Vocabulary(subwords.pieces)
    module = There(subwords, WordTokenizer(), pieces, Vocabulary(["hey"]))
    there, here = answers(module, tmp_path, "with tensorflow_text")
    assert there == here
    assert there["text"] == ['moe: "hey!"', "", "hey moe, été"]
