/* SPDX-License-Identifier: MIT */
/*
 * Every Vulkan function the driver calls, once. FN_GLOBAL is found without an instance, FN with one, FN_OPTIONAL only if
 * an extension is there. No include guard: included with all macros defined, by vk/vk.h and vk/loader.c.
 */
FN_GLOBAL(CreateInstance)
FN_GLOBAL(EnumerateInstanceVersion)

FN(GetInstanceProcAddr)
FN(EnumeratePhysicalDevices)
FN(EnumerateDeviceExtensionProperties)
FN(GetPhysicalDeviceProperties2)
FN(GetPhysicalDeviceFeatures2)
FN(GetPhysicalDeviceMemoryProperties)
FN(GetPhysicalDeviceQueueFamilyProperties)
FN_OPTIONAL(GetPhysicalDeviceCalibrateableTimeDomainsEXT)
FN(CreateDevice)
FN(GetDeviceQueue)
FN(DestroyDevice)

FN(AllocateMemory)
FN(FreeMemory)
FN(MapMemory)
FN(CreateBuffer)
FN(DestroyBuffer)
FN(GetBufferMemoryRequirements)
FN_OPTIONAL(GetMemoryHostPointerPropertiesEXT)
FN(BindBufferMemory)
FN(GetBufferDeviceAddress)

FN(CreateShaderModule)
FN(DestroyShaderModule)
FN(CreatePipelineLayout)
FN(DestroyPipelineLayout)
FN(CreatePipelineCache)
FN(DestroyPipelineCache)
FN(GetPipelineCacheData)
FN(CreateComputePipelines)
FN(DestroyPipeline)

FN(CreateCommandPool)
FN(DestroyCommandPool)
FN(ResetCommandPool)
FN(AllocateCommandBuffers)
FN(BeginCommandBuffer)
FN(EndCommandBuffer)
FN(CmdBindPipeline)
FN(CmdPushConstants)
FN(CmdDispatch)
FN(CmdPipelineBarrier)
FN(CmdCopyBuffer)

FN(CreateSemaphore)
FN(DestroySemaphore)
FN(WaitSemaphores)
FN(GetSemaphoreCounterValue)
FN(QueueSubmit)

FN(CreateQueryPool)
FN(DestroyQueryPool)
FN(GetQueryPoolResults)
FN(CmdResetQueryPool)
FN(CmdWriteTimestamp)
FN_OPTIONAL(GetCalibratedTimestampsEXT)

#undef FN_GLOBAL
#undef FN
#undef FN_OPTIONAL
