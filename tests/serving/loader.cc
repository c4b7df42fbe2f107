// Runs a SavedModel without Python, by the loader that a model server is built on.
//
//     loader SAVED_MODEL ANSWERS [LIBRARY ...]
//
// Each request of the warm-up file is run in the session, and each of its outputs becomes a record
// of ANSWERS: a `NamedTensorProto` with the name "number/signature/output". A LIBRARY has operations
// that TensorFlow itself does not have.

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "tensorflow/cc/saved_model/loader.h"
#include "tensorflow/core/framework/tensor.h"
#include "tensorflow/core/lib/io/record_reader.h"
#include "tensorflow/core/lib/io/record_writer.h"
#include "tensorflow/core/protobuf/named_tensor.pb.h"
#include "tensorflow/core/public/session.h"

namespace {

using google::protobuf::internal::WireFormatLite;
using Fields = std::multimap<int, std::string>;

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << std::endl;
  std::exit(1);
}

// The fields of a message that are messages or strings, by their numbers. The wheel's headers lack
// tensorflow_serving/apis/prediction_log.proto.
Fields FieldsOf(const std::string& message) {
  google::protobuf::io::CodedInputStream input(
      reinterpret_cast<const uint8_t*>(message.data()), message.size());
  Fields fields;
  while (const uint32_t tag = input.ReadTag()) {
    uint32_t size;
    std::string content;
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      WireFormatLite::SkipField(&input, tag);
    } else if (input.ReadVarint32(&size) && input.ReadString(&content, size)) {
      fields.emplace(WireFormatLite::GetTagFieldNumber(tag), content);
    }
  }
  return fields;
}

std::string Only(const Fields& fields, int number) {
  const auto found = fields.find(number);
  return found == fields.end() ? "" : found->second;
}

// Runs one `PredictionLog` and writes its answers.
void Run(const tensorflow::SavedModelBundle& model, const std::string& record, int number,
         tensorflow::io::RecordWriter* answers) {
  const Fields request = FieldsOf(Only(FieldsOf(Only(FieldsOf(record), 6)), 1));
  const std::string name = Only(FieldsOf(Only(request, 1)), 3);
  const auto& signature = model.GetSignatures().at(name);
  std::vector<std::pair<std::string, tensorflow::Tensor>> inputs;
  const auto [first, last] = request.equal_range(2);
  for (auto entry = first; entry != last; ++entry) {
    const Fields input = FieldsOf(entry->second);
    tensorflow::TensorProto proto;
    tensorflow::Tensor tensor;
    if (!proto.ParseFromString(Only(input, 2)) || !tensor.FromProto(proto)) {
      Check(absl::DataLossError("an input is no tensor"));
    }
    inputs.emplace_back(signature.inputs().at(Only(input, 1)).name(), tensor);
  }
  std::vector<std::string> keys, fetches;
  for (const auto& [key, info] : signature.outputs()) {
    keys.push_back(key);
    fetches.push_back(info.name());
  }
  std::vector<tensorflow::Tensor> outputs;
  Check(model.GetSession()->Run(inputs, fetches, {}, &outputs));
  for (size_t i = 0; i < keys.size(); ++i) {
    tensorflow::NamedTensorProto answer;
    answer.set_name(std::to_string(number) + "/" + name + "/" + keys[i]);
    outputs[i].AsProtoField(answer.mutable_tensor());
    Check(answers->WriteRecord(answer.SerializeAsString()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  auto* env = tensorflow::Env::Default();
  for (int i = 3; i < argc; ++i) {
    void* handle;
    Check(env->LoadDynamicLibrary(argv[i], &handle));
  }
  const std::string folder = argv[1];
  tensorflow::SavedModelBundle model;
  Check(tensorflow::LoadSavedModel({}, {}, folder, {"serve"}, &model));

  std::unique_ptr<tensorflow::RandomAccessFile> requests;
  Check(env->NewRandomAccessFile(folder + "/assets.extra/tf_serving_warmup_requests", &requests));
  std::unique_ptr<tensorflow::WritableFile> file;
  Check(env->NewWritableFile(argv[2], &file));
  tensorflow::io::RecordReader reader(requests.get());
  tensorflow::io::RecordWriter answers(file.get());
  tensorflow::uint64 offset = 0;
  tensorflow::tstring record;
  for (int number = 0;; ++number) {
    const absl::Status status = reader.ReadRecord(&offset, &record);
    if (absl::IsOutOfRange(status)) break;  // the end of the file
    Check(status);
    Run(model, record, number, &answers);
  }
  Check(answers.Close());
  Check(file->Close());
}
