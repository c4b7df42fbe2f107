"""Since when TensorFlow has an operation, read off `tf.raw_ops` of its releases.

All others are in TensorFlow 2.12 already, the oldest that was looked at; none has been taken away
since. A release of TensorFlow Serving has the operations of TensorFlow's release of that number.
"""

OLDEST = "2.12"
SINCE = {  # as strings of names; what is not here is in OLDEST
    "2.13": """
        CollectiveAllToAllV2 DebugIdentityV3 RaggedFillEmptyRows RaggedFillEmptyRowsGrad
        SegmentMaxV2 SegmentMinV2 SnapshotChunkDataset
    """,
    "2.14": """
        Conv SparseSegmentMeanGradV2 SparseSegmentSqrtNGradV2 SparseSegmentSumGradV2
        TFRecordDatasetV2
    """,
    "2.15": """
        DynamicEnqueueTPUEmbeddingRaggedTensorBatch EmptyTensorMap FFTND FileSystemSetConfiguration
        IFFTND IRFFTND KMC2ChainInitialization KmeansPlusPlusInitialization NearestNeighbors RFFTND
        TensorMapErase TensorMapHasKey TensorMapInsert TensorMapLookup TensorMapSize
        TensorMapStackKeys
    """,
    "2.16": """
        ConvertToCooTensor DatasetFingerprint GetMinibatchSplitsWithPhysicalReplica
        GetMinibatchesInCsrWithPhysicalReplica GlobalIterId ListSnapshotChunksDataset
        StoreMinibatchStatisticsInFdo TPUAnnotateTensorsWithDynamicShape TPUCopyWithDynamicShape
        XlaSparseCoreAdagrad XlaSparseCoreAdagradMomentum XlaSparseCoreAdam XlaSparseCoreFtrl
        XlaSparseCoreSgd XlaSparseDenseMatmul XlaSparseDenseMatmulGradWithAdagradAndCsrInput
        XlaSparseDenseMatmulGradWithAdagradMomentumAndCsrInput
        XlaSparseDenseMatmulGradWithAdamAndCsrInput XlaSparseDenseMatmulGradWithFtrlAndCsrInput
        XlaSparseDenseMatmulGradWithSgdAndCsrInput XlaSparseDenseMatmulWithCsrInput
    """,
    "2.17": """
        ConvertToListOfSparseCoreCooTensors ConvertToSparseCoreCsrWrappedCooTensor
        GetStatsFromListOfSparseCoreCooTensors GlobalShuffleDataset IndexFlatMapDataset
        IteratorGetModelProto SortListOfSparseCoreCooTensors WeightedFlatMapDataset
        XlaSparseDenseMatmulGradWithAdagradAndStaticBufferSize
        XlaSparseDenseMatmulGradWithAdagradMomentumAndStaticBufferSize
        XlaSparseDenseMatmulGradWithAdamAndStaticBufferSize
        XlaSparseDenseMatmulGradWithFtrlAndStaticBufferSize
        XlaSparseDenseMatmulGradWithSgdAndStaticBufferSize XlaSparseDenseMatmulWithStaticBufferSize
    """,
    "2.18": """
        CheckPinned XlaSparseDenseMatmulGradWithCsrInput
    """,
    "2.20": """
        DecodeWebP TPUDummyInput XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdagradAndCsrInput
        XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdagradMomentumAndCsrInput
        XlaSparseDenseMatmulCustomCombinerOnTcGradWithAdamAndCsrInput
        XlaSparseDenseMatmulCustomCombinerOnTcGradWithCsrInput
        XlaSparseDenseMatmulCustomCombinerOnTcGradWithFtrlAndCsrInput
        XlaSparseDenseMatmulCustomCombinerOnTcGradWithSgdAndCsrInput
        XlaSparseDenseMatmulCustomCombinerOnTcWithCsrInput
    """,
    "2.21": """
        DecodeJxl
    """,
}
