// The part of TensorFlow's stable C API that the binding of tfjs-node uses, so that no TensorFlow source tree is needed
// to compile it. Declarations follow tensorflow/c/c_api.h and tensorflow/c/eager/c_api.h of 2.10 (Apache-2.0).
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
extern "C" {
typedef enum TF_DataType{TF_FLOAT=1,TF_DOUBLE=2,TF_INT32=3,TF_UINT8=4,TF_INT16=5,TF_INT8=6,TF_STRING=7,TF_COMPLEX64=8,TF_INT64=9,TF_BOOL=10,TF_RESOURCE=20}TF_DataType;
typedef enum TF_Code{TF_OK=0,TF_CODE_MAX_=0x7fffffff}TF_Code;
typedef enum TF_AttrType{TF_ATTR_STRING=0,TF_ATTR_INT=1,TF_ATTR_FLOAT=2,TF_ATTR_BOOL=3,TF_ATTR_TYPE=4,TF_ATTR_SHAPE=5,TF_ATTR_TENSOR=6}TF_AttrType;
typedef struct TF_Status TF_Status; typedef struct TF_Tensor TF_Tensor; typedef struct TF_Graph TF_Graph; typedef struct TF_Session TF_Session;
typedef struct TF_SessionOptions TF_SessionOptions; typedef struct TF_Operation TF_Operation; typedef struct TF_DeviceList TF_DeviceList;
typedef struct TFE_Context TFE_Context; typedef struct TFE_ContextOptions TFE_ContextOptions; typedef struct TFE_Op TFE_Op; typedef struct TFE_TensorHandle TFE_TensorHandle;
typedef struct TF_Buffer{const void*data;size_t length;void(*data_deallocator)(void*,size_t);}TF_Buffer;
typedef struct TF_Output{TF_Operation*oper;int index;}TF_Output;
const char*TF_Version(void); size_t TF_DataTypeSize(TF_DataType);
TF_Status*TF_NewStatus(void); void TF_DeleteStatus(TF_Status*); TF_Code TF_GetCode(const TF_Status*); const char*TF_Message(const TF_Status*);
TF_Buffer*TF_NewBuffer(void); TF_Buffer*TF_NewBufferFromString(const void*,size_t); void TF_DeleteBuffer(TF_Buffer*);
TF_Tensor*TF_NewTensor(TF_DataType,const int64_t*,int,void*,size_t,void(*)(void*,size_t,void*),void*);
TF_Tensor*TF_AllocateTensor(TF_DataType,const int64_t*,int,size_t); void TF_DeleteTensor(TF_Tensor*);
TF_DataType TF_TensorType(const TF_Tensor*); int TF_NumDims(const TF_Tensor*); int64_t TF_Dim(const TF_Tensor*,int);
size_t TF_TensorByteSize(const TF_Tensor*); void*TF_TensorData(const TF_Tensor*); int64_t TF_TensorElementCount(const TF_Tensor*);
TF_Graph*TF_NewGraph(void); void TF_DeleteGraph(TF_Graph*); TF_Operation*TF_GraphOperationByName(TF_Graph*,const char*);
TF_SessionOptions*TF_NewSessionOptions(void); void TF_DeleteSessionOptions(TF_SessionOptions*);
TF_Session*TF_LoadSessionFromSavedModel(const TF_SessionOptions*,const TF_Buffer*,const char*,const char*const*,int,TF_Graph*,TF_Buffer*,TF_Status*);
void TF_DeleteSession(TF_Session*,TF_Status*);
void TF_SessionRun(TF_Session*,const TF_Buffer*,const TF_Output*,TF_Tensor*const*,int,const TF_Output*,TF_Tensor**,int,const TF_Operation*const*,int,TF_Buffer*,TF_Status*);
void TF_DeleteDeviceList(TF_DeviceList*); int TF_DeviceListCount(const TF_DeviceList*); const char*TF_DeviceListName(const TF_DeviceList*,int,TF_Status*); const char*TF_DeviceListType(const TF_DeviceList*,int,TF_Status*);
TFE_ContextOptions*TFE_NewContextOptions(void); void TFE_DeleteContextOptions(TFE_ContextOptions*);
TFE_Context*TFE_NewContext(const TFE_ContextOptions*,TF_Status*); void TFE_DeleteContext(TFE_Context*); TF_DeviceList*TFE_ContextListDevices(TFE_Context*,TF_Status*);
TFE_TensorHandle*TFE_NewTensorHandle(const TF_Tensor*,TF_Status*); void TFE_DeleteTensorHandle(TFE_TensorHandle*); TF_DataType TFE_TensorHandleDataType(TFE_TensorHandle*);
int TFE_TensorHandleNumDims(TFE_TensorHandle*,TF_Status*); int64_t TFE_TensorHandleDim(TFE_TensorHandle*,int,TF_Status*);
TF_Tensor*TFE_TensorHandleResolve(TFE_TensorHandle*,TF_Status*); TFE_TensorHandle*TFE_TensorHandleCopyToDevice(TFE_TensorHandle*,TFE_Context*,const char*,TF_Status*);
TFE_Op*TFE_NewOp(TFE_Context*,const char*,TF_Status*); void TFE_DeleteOp(TFE_Op*); void TFE_OpAddInput(TFE_Op*,TFE_TensorHandle*,TF_Status*);
void TFE_OpSetAttrString(TFE_Op*,const char*,const void*,size_t); void TFE_OpSetAttrInt(TFE_Op*,const char*,int64_t); void TFE_OpSetAttrFloat(TFE_Op*,const char*,float);
void TFE_OpSetAttrBool(TFE_Op*,const char*,unsigned char); void TFE_OpSetAttrType(TFE_Op*,const char*,TF_DataType);
void TFE_OpSetAttrShape(TFE_Op*,const char*,const int64_t*,const int,TF_Status*);
void TFE_OpSetAttrIntList(TFE_Op*,const char*,const int64_t*,int); void TFE_OpSetAttrFloatList(TFE_Op*,const char*,const float*,int); void TFE_OpSetAttrBoolList(TFE_Op*,const char*,const unsigned char*,int);
void TFE_Execute(TFE_Op*,TFE_TensorHandle**,int*,TF_Status*);
// 24-byte TF_TString: 1 size byte<<2 | type; the library's own functions do the work (exported C symbols)
typedef struct TF_TString{union{uint8_t raw[24];void*align;}u;}TF_TString;
void TF_StringInit(TF_TString*); void TF_StringCopy(TF_TString*,const char*,size_t); const char*TF_StringGetDataPointer(const TF_TString*); size_t TF_StringGetSize(const TF_TString*); void TF_StringDealloc(TF_TString*);
#define TF_TString_Init TF_StringInit
#define TF_TString_Copy TF_StringCopy
#define TF_TString_GetDataPointer TF_StringGetDataPointer
#define TF_TString_GetSize TF_StringGetSize
#define TF_TString_Dealloc TF_StringDealloc
}
